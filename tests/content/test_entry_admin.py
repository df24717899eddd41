"""The editors' lists and forms of entries: texts first, versions on record only to be read."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator

import pytest
from django import forms
from django.contrib.admin import site
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from djangocms_versioning.models import Version

from content.changes import public_content_changed
from content.look_up import LongSelect
from content.models import Drug, DrugContent, SideEffect, content_models
from content.review import signing
from content.review.gate import PublishRefused
from content.rules import rows
from immuno_site import page_cache
from tests.factories import TODAY, create_draft, create_drug, create_occurrence, create_page, new_draft
from tests.staff import create_staff
from tests.stories import join, preview

pytestmark = pytest.mark.django_db
LIST = "/admin/content/drug/"


@pytest.fixture
def desk(editor: User) -> Client:
    client = Client()
    client.force_login(editor)
    return client


def listed(desk: Client, query: str = "") -> set[str]:
    page = desk.get(f"{LIST}?language=en&{query}").content.decode()
    return set(re.findall(r'class="field-slug">([^<]+)<', page))


def form_of(desk: Client, slug: str) -> str:
    pk = Drug.objects.get(slug=slug).pk
    return desk.get(f"{LIST}{pk}/change/?language=en").content.decode()


def test_list_shows_entries_with_a_text(desk: Client) -> None:
    public = set(DrugContent.objects.filter(language="en").values_list("entry__slug", flat=True))
    assert listed(desk) == public


@pytest.mark.parametrize(
    ("address", "most"),
    [
        ("/admin/", 19),
        ("/admin/day/", 25),
        (LIST, 12),
        (f"{LIST}{{pk}}/change/?language=en", 18),
        (f"{LIST}{{pk}}/used/", 20),
    ],
)
def test_editors_pages_ask_few_questions(django_assert_max_num_queries, address, most):
    desk = Client()
    desk.force_login(join(create_staff("ruth"), "Editor"))
    address = address.format(pk=Drug.objects.get(slug="pembrolizumab").pk)
    desk.get(address)
    with django_assert_max_num_queries(most):
        assert desk.get(address).status_code == 200


def test_form_of_a_draft_asks_few_questions(django_assert_max_num_queries, draft):
    desk = Client()
    desk.force_login(join(create_staff("ruth"), "Editor"))
    address = f"{LIST}{draft.content.entry_id}/change/?language=en"
    desk.get(address)
    with django_assert_max_num_queries(19):
        assert 'name="_save"' in desk.get(address).content.decode()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each time that it is read anew what texts are held against."""
    times: list[str] = []
    known = rows.known_in_database
    monkeypatch.setattr(rows, "known_in_database", lambda language: times.append(language) or known(language))
    return times


@pytest.fixture
def told_at_once() -> Iterator[None]:
    """A change is told at the end of its transaction, and a test never ends one."""

    def tell(**_: object) -> None:
        page_cache.generation.start_new()

    public_content_changed.connect(tell)
    yield
    public_content_changed.disconnect(tell)


def test_what_texts_are_held_against_is_read_once_for_all_who_look(desk, editor, asked):
    for number in range(3):
        create_draft(slug=f"new-{number}", by=editor)
    for address in (f"{LIST}?language=en", "/admin/day/"):
        desk.get(address)
        assert asked == ["en"]


def test_entry_without_a_page_is_known_at_once(desk, editor, told_at_once):
    draft = create_draft(by=editor, daily_life="Ask about [it](drug:planned) [@test-label].")
    address = f"{LIST}{draft.content.entry_id}/check/en/"
    assert "planned&#x27;: correct the link" in desk.get(address).content.decode()
    planned = Drug.objects.create(slug="planned")
    assert "correct the link" not in desk.get(address).content.decode()
    planned.delete()
    assert "planned&#x27;: correct the link" in desk.get(address).content.decode()


def test_whoever_publishes_trusts_nothing_that_was_kept(desk, editor, asked):
    draft = create_draft(by=editor)
    desk.get(LIST)
    draft.publish(editor)
    assert asked == ["en", "en"]
    Drug.objects.create(slug="another")  # not told yet: it is part of a change
    content = create_draft(
        slug="new", by=editor, daily_life="Ask about [it](drug:another) [@test-label]."
    ).content
    sent = {"action": "publish_ready", "_selected_action": content.entry_id}
    assert desk.post(f"{LIST}?language=en", sent).status_code == 302
    assert content.versions.get().state == "published"


@pytest.mark.parametrize("address", ["/admin/day/", LIST, f"{LIST}{{pk}}/change/?language=en"])
def test_more_drafts_ask_no_more_questions(desk, editor, reviewer, address):
    """Signed ones, too: each is held against its signature."""

    def asked(slugs: Iterable[str]) -> int:
        for slug in slugs:
            draft = create_draft(slug=slug, by=editor)
            digest, due = signing.digest(draft.content), TODAY + datetime.timedelta(days=90)
            signing.sign_off(draft, by=reviewer, next_review_due=due, seen=digest, now=TODAY)
        page = address.format(pk=Drug.objects.get(slug="new-1").pk)
        desk.get(page)
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(page).status_code == 200
        return len(queries)

    assert asked(["new-1", "new-2"]) == asked([f"new-{number}" for number in range(3, 7)])


def test_where_it_is_used_asks_no_more_for_more_figures(desk):
    drug = create_drug()
    address = f"{LIST}{drug.pk}/used/"

    def asked(slugs: Iterable[str]) -> int:
        for slug in slugs:
            create_occurrence(drug=drug, side_effect=SideEffect.objects.get_or_create(slug=slug)[0])
        desk.get(address)
        with CaptureQueriesContext(connection) as queries:
            page = desk.get(address).content.decode()
        assert all(f"{slug} with" in page for slug in slugs)
        return len(queries)

    assert asked(["fever"]) == asked(["rash", "cough", "colitis"])


def test_lines_that_are_alike_are_drawn_as_each_would_be_by_itself(editor: User, rf: RequestFactory) -> None:
    """In every state a text can be in, some of them twice; a draft may go public or not."""
    for number in range(2):
        create_draft(slug=f"ready-{number}", by=editor)
        create_draft(slug=f"unready-{number}", by=editor, change_note="")
        create_page(slug=f"public-{number}", by=editor)
        create_page(slug=f"changed-{number}", by=editor).copy(editor)
        new_draft(create_page(slug=f"changed-ready-{number}", by=editor), by=editor)
        create_page(slug=f"gone-{number}", by=editor).unpublish(editor)
        create_draft(slug=f"put-away-{number}", by=editor).archive(editor)
        again = create_page(slug=f"again-{number}", by=editor)
        new_draft(again, by=editor).publish(editor)
        Drug.objects.create(slug=f"planned-{number}")
    request = rf.get(LIST, {"language": "en", "text": "all"})
    request.user, request.session = editor, {}
    changes = site.get_model_admin(Drug).get_changelist_instance(request)
    cells = [column for column in changes.list_display if callable(column)]
    assert [cell.__name__ for cell in cells] == ["indicator", "list_actions"]
    assert len(changes.result_list) > 18
    drawn = [[cell(entry) for entry in changes.result_list] for cell in cells]
    assert drawn == [[cell.__wrapped__(entry) for entry in changes.result_list] for cell in cells]
    assert len(set(drawn[0])) > 8
    assert sum("/publish/" in line for line in drawn[0]) == 4


@pytest.mark.parametrize(("column", "first"), [(1, "Aaa"), (-1, "zzz")])
def test_list_is_sorted_by_a_name_that_only_the_text_knows(desk: Client, column: int, first: str) -> None:
    create_page(slug="zz-first", name="Aaa")
    create_page(slug="aa-last", name="zzz")
    page = desk.get(f"{LIST}?language=en&o={column}").content.decode()
    assert re.findall(r'class="field-content__name"><a href="[^"]+">([^<]+)<', page)[0] == first


def test_line_leads_to_its_form_and_keeps_what_was_asked(desk: Client) -> None:
    drug = create_page(slug="findumab", name="Findumab").content.entry
    page = desk.get(f"{LIST}?language=en&q=findumab").content.decode()
    kept = "?_changelist_filters=language%3Den%26q%3Dfindumab&amp;language=en"
    assert re.findall(r'class="field-content__name"><a href="([^"]+)">', page) == [
        f"{LIST}{drug.pk}/change/{kept}"
    ]


def test_draft_is_a_text_too(desk: Client, editor: User) -> None:
    planned = Drug.objects.create(slug="a-new-medicine")
    assert "a-new-medicine" not in listed(desk)
    public = DrugContent.objects.get(entry__slug="pembrolizumab", language="en")
    values = {field.name: getattr(public, field.name) for field in public._meta.concrete_fields}
    DrugContent.objects.with_user(editor).create(**values | {"id": None, "entry": planned})
    assert "a-new-medicine" in listed(desk)


def test_planned_entries_are_a_list_of_their_own(desk: Client) -> None:
    Drug.objects.create(slug="a-new-medicine")
    planned = listed(desk, "text=planned")
    assert "a-new-medicine" in planned
    assert "pembrolizumab" not in planned
    assert {"a-new-medicine", "pembrolizumab"} <= listed(desk, "text=all")


def test_public_version_is_only_read(desk: Client) -> None:
    page = form_of(desk, "pembrolizumab")
    assert "make a new draft" in page
    assert 'name="_save"' not in page
    assert "[&#x27;" not in page  # lists line by line, not as Python writes them


def test_draft_can_be_saved(desk: Client, editor: User) -> None:
    public = DrugContent.objects.get(entry__slug="pembrolizumab", language="en")
    new_draft(public.versions.get(), by=editor)
    page = form_of(desk, "pembrolizumab")
    assert "make a new draft" not in page
    assert 'name="_save"' in page


@pytest.mark.parametrize("asked", ["abc", "0", "9" * 40, "_3A"])
def test_address_without_an_entry_leads_nowhere(desk: Client, asked: str) -> None:
    assert desk.get(f"{LIST}{asked}/change/").status_code == 404


@pytest.mark.parametrize("value", [None, "", 2, "2", "9"])
def test_long_choice_is_drawn_as_django_draws_it(value: object) -> None:
    choices = [("", "---------"), (1, "a-class"), (2, "<b> & 'c'"), ('"3"', "d")]
    ours, theirs = (
        widget({"class": "wide"}, choices=choices).render("name", value, {"id": "id_name", "required": True})
        for widget in (LongSelect, forms.Select)
    )
    assert ours.strip() == theirs.strip()


# --- Two people, one draft


def typed(desk: Client, address: str, **changes: str) -> dict[str, str]:
    """What the form sends, with these fields of the text changed."""
    context = desk.get(address).context
    form = context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    sent = {
        name: "\n".join(value) if isinstance(value, list) else str(value)
        for name, value in values.items()
        if value not in (None, "", [])
    }
    return sent | {"stamp": context["stamp"]} | {f"content__{name}": text for name, text in changes.items()}


@pytest.fixture
def draft(editor: User) -> Version:
    public = DrugContent.objects.get(entry__slug="pembrolizumab", language="en")
    return new_draft(public.versions.get(), by=editor)


def test_second_save_overwrites_nothing(desk: Client, draft: Version) -> None:
    address = f"{LIST}{draft.content.entry_id}/change/?language=en"
    mine = typed(desk, address, daily_life="My new words [@fda-keytruda-label].")
    theirs = typed(desk, address, unknowns="Their new words [@fda-keytruda-label].")
    assert desk.post(address, theirs).status_code == 302
    answer = desk.post(address, mine)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "editor saved this draft at" in page
    assert "Saved meanwhile: Their new words" in page
    assert "My new words" in page
    stored = DrugContent.admin_manager.get(pk=draft.content.pk)
    assert "Their new words" in stored.unknowns
    assert "My new words" not in stored.daily_life
    # Who has read both saves what they made of them.
    both = mine | {"stamp": answer.context["stamp"], "content__unknowns": theirs["content__unknowns"]}
    assert desk.post(address, both).status_code == 302
    stored = DrugContent.admin_manager.get(pk=draft.content.pk)
    assert "Their new words" in stored.unknowns
    assert "My new words" in stored.daily_life


def test_one_editor_alone_is_never_stopped(desk: Client, draft: Version) -> None:
    address = f"{LIST}{draft.content.entry_id}/change/?language=en"
    for words in ("First", "Second"):
        sent = typed(desk, address, daily_life=f"{words} words [@fda-keytruda-label].")
        assert desk.post(address, sent).status_code == 302
    assert "Second words" in DrugContent.admin_manager.get(pk=draft.content.pk).daily_life


# --- A draft needs little


@pytest.mark.parametrize("kind", list(content_models()))
def test_address_and_name_make_a_draft_that_can_be_looked_at(desk: Client, kind: str) -> None:
    model = content_models()[kind]
    grouper = model.grouper()._meta.model_name
    sent = {"slug": "just-begun", "content__language": "en", "content__name": "Just begun"}
    answer = desk.post(f"/admin/content/{grouper}/add/?language=en", sent)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    draft = model.admin_manager.get(entry__slug="just-begun")
    assert desk.get(f"/admin/content/{grouper}/{draft.entry_id}/change/?language=en").status_code == 200
    assert preview(desk, draft).status_code == 200
    assert desk.get(f"/admin/content/signoff/read/{draft.versions.get().pk}/").status_code == 200
    assert desk.get("/admin/day/").status_code == 200


def test_what_a_draft_lacks_is_asked_for_when_it_goes_public(desk: Client, editor: User) -> None:
    sent = {"slug": "just-begun", "content__language": "en", "content__name": "Just begun"}
    desk.post(f"{LIST}add/?language=en", sent)
    draft = DrugContent.admin_manager.get(entry__slug="just-begun")
    asked = {finding.at for finding in rows.what_blocks(draft)}
    assert asked > {
        "summary", "key_message", "written_by", "checked_on", "next_check_due", "change_note", "therapy_class", "route"
    }  # fmt: skip
    with pytest.raises(PublishRefused):
        draft.versions.get().publish(editor)


def test_name_is_still_asked_for(desk: Client) -> None:
    answer = desk.post(f"{LIST}add/?language=en", {"slug": "just-begun", "content__language": "en"})
    assert set(answer.context["adminform"].form.errors) == {"content__name"}


def test_days_in_the_wrong_order_are_answered_in_the_form(desk: Client, draft: Version) -> None:
    address = f"{LIST}{draft.content.entry_id}/change/?language=en"
    answer = desk.post(address, typed(desk, address, checked_on="2026-11-20", next_check_due="2026-11-19"))
    assert answer.status_code == 200
    assert "must be due after the day of this check" in answer.content.decode()
