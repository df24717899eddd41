"""Nothing typed is lost: forms keep what is typed into them, and offer it when its writer comes back."""

from __future__ import annotations

import datetime
import json

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from djangocms_versioning.models import Version

from content.models import DrugContent, Unsaved
from tests.content.conftest import form_of
from tests.content.test_entry_admin import typed

pytestmark = pytest.mark.django_db
KEEP, FORGET = "/admin/content/source/unsaved/", "/admin/content/source/unsaved/forget/"


def name_of(draft: Version) -> str:
    return f"drug:{draft.content.entry_id}:en"


def keep(desk: Client, form: str, **fields: str) -> dict[str, object]:
    values = {name: [text] for name, text in fields.items()}
    answer = desk.post(KEEP, {"form": form, "stamp": "a", "typed": json.dumps(values)})
    assert answer.status_code == 200
    return answer.json()


def offered(desk: Client, address: str) -> list[dict[str, object]]:
    page = desk.get(address).content.decode()
    _before, _tag, rest = page.partition('<script id="unsaved" type="application/json">')
    return json.loads(rest.partition("</script>")[0])["offers"]


def test_typing_is_offered_to_its_writer_on_return(desk: Client, draft: Version) -> None:
    keep(desk, name_of(draft), content__daily_life="Half a sent")
    (offer,) = offered(desk, form_of(draft))
    assert offer["typed"] == {"content__daily_life": ["Half a sent"]}
    assert "Half a sent" not in DrugContent.admin_manager.get(pk=draft.object_id).daily_life


def test_typing_of_one_person_is_not_offered_to_another(desk: Client, draft: Version, editor: User) -> None:
    keep(desk, name_of(draft), content__daily_life="Noa's words")
    colleague = Client()
    colleague.force_login(editor)
    assert offered(colleague, form_of(draft)) == []


def test_later_typing_takes_the_place_of_earlier(desk: Client, draft: Version) -> None:
    for words in ("Half", "Half a", "Half a sentence"):
        keep(desk, name_of(draft), content__daily_life=words)
    assert Unsaved.objects.get().typed == {"content__daily_life": ["Half a sentence"]}


def test_typing_beside_an_undecided_offer_overwrites_nothing(desk: Client, draft: Version) -> None:
    keep(desk, name_of(draft), content__daily_life="Yesterday")
    keep(desk, f"{name_of(draft)}#17", content__daily_life="Today")
    words = [offer["typed"]["content__daily_life"] for offer in offered(desk, form_of(draft))]
    assert words == [["Today"], ["Yesterday"]]


def test_saving_lets_go_of_what_was_kept(desk: Client, draft: Version) -> None:
    keep(desk, name_of(draft), content__daily_life="New words [@test-label].")
    sent = typed(desk, form_of(draft), daily_life="New words [@test-label].") | {"kept_form": name_of(draft)}
    assert desk.post(form_of(draft), sent).status_code == 302
    assert not Unsaved.objects.exists()


def test_panel_that_checks_what_is_typed_lets_go_of_nothing(desk: Client, draft: Version) -> None:
    keep(desk, name_of(draft), content__daily_life="Half a sent")
    check = f"/admin/content/drug/{draft.content.entry_id}/check/en/"
    assert desk.post(check, {"kept_form": name_of(draft)}).status_code == 200
    assert offered(desk, form_of(draft))


def test_conflict_loses_nothing_that_was_kept(desk: Client, draft: Version) -> None:
    sent = typed(desk, form_of(draft), daily_life="Mine [@test-label].") | {"kept_form": name_of(draft)}
    keep(desk, name_of(draft), content__daily_life="Mine [@test-label].")
    draft.content.unknowns = "Theirs [@test-label]."
    draft.content.save()
    assert desk.post(form_of(draft), sent).status_code == 200
    assert offered(desk, form_of(draft))


def test_thrown_away_is_gone(desk: Client, draft: Version) -> None:
    keep(desk, name_of(draft), content__daily_life="Nothing worth keeping")
    assert desk.post(FORGET, {"form": name_of(draft)}).status_code == 204
    assert offered(desk, form_of(draft)) == []


def test_colleague_at_work_is_named_with_the_time(desk: Client, draft: Version, editor: User) -> None:
    keep(desk, name_of(draft), content__daily_life="Noa's words")
    colleague = Client()
    colleague.force_login(editor)
    began = timezone.localtime(Unsaved.objects.get().begun_at).strftime("%H:%M")
    answer = keep(colleague, name_of(draft), content__unknowns="Others")
    assert answer["others"] == [{"name": "Noa Levi", "since": began}]
    Unsaved.objects.filter(user__username="noa").update(kept_at=timezone.now() - datetime.timedelta(hours=1))
    assert keep(colleague, name_of(draft), content__unknowns="Others")["others"] == []


def test_new_entry_is_kept_before_it_exists(desk: Client) -> None:
    keep(desk, "drug:new:en#1", content__name="Newmab")
    (offer,) = offered(desk, "/admin/content/drug/add/?language=en")
    assert offer["typed"] == {"content__name": ["Newmab"]}


@pytest.mark.parametrize("hostile", ["a\x00b", "\ud800", "😀" * 10, "x" * 200_000])
def test_anything_typed_can_be_kept(desk: Client, draft: Version, hostile: str) -> None:
    keep(desk, name_of(draft), content__daily_life=hostile)
    (offer,) = offered(desk, form_of(draft))
    assert len(offer["typed"]["content__daily_life"][0]) >= len(hostile) - 1


@pytest.mark.parametrize(
    ("form", "sent"),
    [("", "{}"), ("a" * 201, "{}"), ("drug:1:en", "["), ("drug:1:en", '{"a": 1}'), ("drug:1:en", "[]")],
)
def test_what_no_form_sends_is_refused(desk: Client, form: str, sent: str) -> None:
    assert desk.post(KEEP, {"form": form, "typed": sent}).status_code == 400
    assert not Unsaved.objects.exists()


def test_old_typing_goes_by_itself(desk: Client, draft: Version) -> None:
    keep(desk, "drug:1:en", content__name="Long ago")
    Unsaved.objects.update(kept_at=timezone.now() - datetime.timedelta(days=91))
    keep(desk, name_of(draft), content__name="Now")
    assert [row.form for row in Unsaved.objects.all()] == [name_of(draft)]


def test_requests_of_patients_are_never_kept_here(editor: User) -> None:
    client = Client()
    client.force_login(editor)
    page = client.get("/admin/consultations/replytemplate/add/").content.decode()
    assert 'name="kept_form"' not in page


def test_stranger_keeps_nothing(client: Client, stranger: User) -> None:
    stranger.is_staff = True
    stranger.save()
    client.force_login(stranger)
    assert client.post(KEEP, {"form": "drug:1:en", "typed": "{}"}).status_code == 403
