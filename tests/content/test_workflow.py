"""In work, sent, changes asked, signed, published: what moves a draft, who is told, what a clinician is shown."""

from __future__ import annotations

import datetime
import re

import pytest
from cms.models import PageContent
from django.contrib.auth.models import User
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from djangocms_versioning.models import Version

from content.admin import changes_shown, sign_off
from content.models import Clinician, Handover, PageCheck, Schedule
from content.review import gate, schedule, signing, workflow
from content.text import changed
from tests.content.conftest import form_of
from tests.content.test_entry_admin import typed
from tests.factories import create_draft, create_page, create_source, new_draft
from tests.staff import create_staff
from tests.stories import create_story, join, publish, version_of

pytestmark = pytest.mark.django_db
DESK = "/admin/content/signoff/desk/"


@pytest.fixture
def clinic(reviewer: Clinician) -> Client:
    client = Client()
    client.force_login(join(reviewer.user, "Clinical reviewer"))
    return client


@pytest.fixture
def draft(noa: User, settings: object) -> Version:
    settings.CLINICAL_REVIEW = "required"
    return create_draft(by=noa)


def again(version: Version) -> Version:
    return Version.objects.get(pk=version.pk)


def read(version: Version) -> str:
    return f"/admin/content/signoff/read/{version.pk}/"


def signature(version: Version, **more: str) -> dict[str, str]:
    due = datetime.date.today() + datetime.timedelta(days=100)
    seen = signing.digest(version.content)
    return {"seen": seen, "next_review_due": due.isoformat(), "have_read": "on", **more}


def letters() -> list[tuple[list[str], str]]:
    return [(letter.to, letter.subject) for letter in mail.outbox]


# --- The way of a draft


def state_of(version: Version) -> workflow.State:
    return workflow.state_of(version, workflow.last_step(version))


def test_draft_goes_from_work_to_readers(
    desk: Client, clinic: Client, draft: Version, django_capture_on_commit_callbacks: object
) -> None:
    assert state_of(draft) == workflow.State.IN_WORK
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(
            form_of(draft), typed(desk, form_of(draft)) | {"_send": "Send", "publish_when_signed": "on"}
        )
    assert state_of(again(draft)) == workflow.State.SENT
    assert letters() == [(["reviewer@example.org"], "To read and sign: Testumab")]
    assert f"/admin/content/signoff/read/{draft.pk}/" in mail.outbox[0].body
    assert "Waits for you" in clinic.get(DESK).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        clinic.post(read(draft), signature(draft))
    assert state_of(again(draft)) == workflow.State.PUBLISHED
    assert letters()[1:] == [(["noa@example.org"], "Signed and published: Testumab")]
    assert Client().get("/drugs/testumab/").status_code == 200


def test_signed_text_waits_for_its_writer_where_they_asked_for_that(
    desk: Client, clinic: Client, draft: Version
) -> None:
    desk.post(read(draft), {"_send": "Send"})
    clinic.post(read(draft), signature(draft))
    assert state_of(again(draft)) == workflow.State.SIGNED
    assert Client().get("/drugs/testumab/").status_code == 404
    assert "Publish the signed text" in desk.get(DESK).content.decode()
    assert "Published: Testumab" in desk.post(DESK, follow=True).content.decode()
    assert Client().get("/drugs/testumab/").status_code == 200


def test_clinician_publishes_nothing_from_the_desk(desk: Client, clinic: Client, draft: Version) -> None:
    desk.post(read(draft), {"_send": "Send"})
    clinic.post(read(draft), signature(draft))
    assert "Publish the signed text" not in clinic.get(DESK).content.decode()
    clinic.post(DESK)
    assert state_of(again(draft)) == workflow.State.SIGNED


def test_desk_costs_no_more_queries_when_it_grows(
    desk: Client, clinic: Client, noa: User, reviewer: Clinician, settings: object
) -> None:
    settings.CLINICAL_REVIEW = "required"

    def asked(client: Client, slugs: list[str]) -> int:
        for slug in slugs:
            draft = create_draft(by=noa, slug=slug, name=slug)
            workflow.send(draft, by=noa)
            if slug.startswith("signed"):
                clinic.post(read(draft), signature(draft))
        client.get(DESK)
        with CaptureQueriesContext(connection) as queries:
            page = client.get(DESK).content.decode()
        assert all(slug in page for slug in slugs)
        return len(queries)

    few = asked(clinic, ["one", "signed-one"]), asked(desk, ["two", "signed-two"])
    many = [f"{state}-{number}" for number in range(4) for state in ("sent", "signed")]
    assert (asked(clinic, many), asked(desk, [])) == few
    assert max(few) <= 24


def test_desk_that_is_cut_says_so_and_keeps_what_waits_for_whoever_looks(
    clinic: Client, noa: User, monkeypatch: pytest.MonkeyPatch, settings: object
) -> None:
    settings.CLINICAL_REVIEW = "required"
    monkeypatch.setattr(sign_off, "SHOWN", 2)
    drafts = [create_draft(by=noa, slug=name.lower(), name=name) for name in ("Oldest", "Older", "Newest")]
    assert "Only the first 2 are listed." in clinic.get(DESK).content.decode()
    workflow.send(drafts[-1], by=noa)
    names = re.findall(r'rowheader"><a[^>]*>([^<]+)<', clinic.get(DESK).content.decode())
    assert names == ["Newest", "Oldest"]
    drafts[1].delete()
    assert "are listed" not in clinic.get(DESK).content.decode()


def test_clinician_asks_for_changes_in_a_section(
    desk: Client, clinic: Client, draft: Version, django_capture_on_commit_callbacks: object
) -> None:
    desk.post(read(draft), {"_send": "Send"})
    with django_capture_on_commit_callbacks(execute=True):
        clinic.post(read(draft), {"_ask": "Send back", "remark:Daily life": "Name the dose.", "words": ""})
    assert state_of(again(draft)) == workflow.State.BACK
    assert letters() == [(["noa@example.org"], "Changes asked: Testumab")]
    page = desk.get(form_of(draft)).content.decode()
    assert "Changes asked" in page
    assert "Name the dose." in page
    assert "Name the dose." in desk.get(read(draft)).content.decode()
    # What was changed goes back to them.
    desk.post(
        form_of(draft), typed(desk, form_of(draft), daily_life="Two pills [@test-label].") | {"_send": "Send"}
    )
    assert state_of(again(draft)) == workflow.State.SENT


def test_remarks_on_two_parts_with_one_heading_both_stand(
    desk: Client, clinic: Client, draft: Version
) -> None:
    """Every block of text on a page is called Text."""
    desk.post(read(draft), {"_send": "Send"})
    marks = {"remark:Text": ["Name the dose.", "Who says so?\0"], f"remark:{'x' * 90}": ["Shorter."]}
    assert clinic.post(read(draft), {"_ask": "Send back", "words": "\0", **marks}).status_code == 302
    last = workflow.last_step(again(draft))
    assert [mark.words for mark in last.remarks.all()] == ["Name the dose.\nWho says so?", "Shorter."]


def test_many_drafts_are_sent_at_once_with_one_letter(
    desk: Client, reviewer: Clinician, draft: Version, noa: User, django_capture_on_commit_callbacks: object
) -> None:
    join(reviewer.user, "Clinical reviewer")
    other, broken = (
        create_draft(slug="otherumab", name="Otherumab", by=noa),
        create_draft(slug="b", name="B", by=noa),
    )
    broken.content.unknowns = ""
    broken.content.save()
    day = "/admin/day/?show=mine"
    ticked = re.findall(r'name="text" value="([\d-]+)"', desk.get(day).content.decode())
    assert len(ticked) == 3
    with django_capture_on_commit_callbacks(execute=True):
        sent = desk.post("/admin/content/bulkchange/send/", {"text": ticked, "next": day}, follow=True)
    assert sent.redirect_chain[0][0] == day
    assert [state_of(again(one)) for one in (draft, other, broken)] == ["sent", "sent", "in-work"]
    said = sent.content.decode()
    assert "2 drafts were sent for sign-off." in said
    assert "B: 1 things to put right" in said
    assert letters() == [(["reviewer@example.org"], "To read and sign: 2 texts")]
    named = "\n".join((draft.content.name, "Otherumab"))
    assert f"\n\n{named}\n\n" in mail.outbox[0].body
    chosen = {"action": "send_ready", "_selected_action": [draft.content.entry_id]}
    again_sent = desk.post("/admin/content/drug/?language=en", chosen, follow=True)
    assert "It was sent before, and waits." in again_sent.content.decode()


def test_asking_without_a_word_changes_nothing(clinic: Client, desk: Client, draft: Version) -> None:
    desk.post(read(draft), {"_send": "Send"})
    answer = clinic.post(read(draft), {"_ask": "Send back", "words": " "}, follow=True)
    assert "Say what to change" in answer.content.decode()
    assert state_of(again(draft)) == workflow.State.SENT


def test_change_after_signing_puts_the_text_in_work_again(
    desk: Client, clinic: Client, draft: Version
) -> None:
    desk.post(read(draft), {"_send": "Send"})
    clinic.post(read(draft), signature(draft))
    desk.post(form_of(draft), typed(desk, form_of(draft), daily_life="Other words [@test-label]."))
    assert state_of(again(draft)) == workflow.State.IN_WORK


def test_only_who_is_named_is_asked(
    desk: Client, clinic: Client, draft: Version, django_capture_on_commit_callbacks: object
) -> None:
    other = Clinician.objects.create(
        name="Dr. Other", role="Oncologist", license_number="T-2", user=create_staff("other")
    )
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(read(draft), {"_send": "Send", "to": other.pk})
    assert [to for to, _subject in letters()] == [["other@example.org"]]
    page = clinic.get(DESK).content.decode()
    assert "Waits for you" not in page
    assert "to Dr. Other" in page


def test_who_signed_last_is_proposed(reviewer: Clinician, noa: User) -> None:
    public = create_draft(by=noa)
    signing.sign_off(
        public,
        by=reviewer,
        next_review_due=datetime.date(2027, 5, 1),
        seen=signing.digest(public.content),
        now=datetime.date(2026, 11, 22),
    )
    public.publish(noa)
    assert workflow.usual_reviewer(new_draft(public, by=noa)) == reviewer


# --- What is refused


def test_text_that_breaks_a_rule_is_neither_sent_nor_signed(
    desk: Client, clinic: Client, draft: Version
) -> None:
    draft.content.daily_life = "It is a miracle [@test-label]."
    draft.content.save()
    answer = desk.post(read(draft), {"_send": "Send"}, follow=True)
    assert "Take out &#x27;miracle&#x27;" in answer.content.decode()
    assert not Handover.objects.exists()
    clinic.post(read(draft), signature(draft))
    assert not draft.sign_offs.exists()


def test_reviewer_neither_sends_nor_publishes(clinic: Client, draft: Version) -> None:
    for step in ("_send", "_publish"):
        assert clinic.post(read(draft), {step: "x"}).status_code == 403


def test_writer_cannot_send_back(desk: Client, draft: Version) -> None:
    assert desk.post(read(draft), {"_ask": "x", "words": "Mine"}).status_code == 403


def test_empty_page_is_not_published(noa: User) -> None:
    story = create_story(by=noa, text="")
    story.page.reverse_id = None
    story.page.save()
    assert "the page is empty" in gate.why_not_publish(story.versions.get())


# --- What a clinician is shown


@pytest.fixture
def public(noa: User, settings: object) -> Version:
    settings.CLINICAL_REVIEW = "label"
    return create_page(
        by=noa, daily_life="Drink water [@test-label].\n\nRest when you are tired [@test-label]."
    )


def changes(draft: Version) -> dict[str, str]:
    return {str(part.heading): str(part.html) for part in changes_shown.of_draft(draft.content).parts}


def test_only_what_changed_is_shown_rendered_under_readers_headings(public: Version, noa: User) -> None:
    draft = new_draft(
        public, by=noa, daily_life="Drink water [@test-label].\n\nRest when you feel **tired** [@test-label]."
    )
    shown = changes(draft)
    assert set(shown) == {"Daily life", "Change note"}
    assert "Drink water" not in shown["Daily life"]
    assert "<del>are</del>" in shown["Daily life"]
    assert "<ins>feel</ins>" in shown["Daily life"]
    assert "**" not in shown["Daily life"]


def test_line_ends_of_a_browser_are_no_change(public: Version, noa: User) -> None:
    words = public.content.daily_life.replace("\n", "\r\n")
    draft = new_draft(public, by=noa, daily_life=words)
    assert draft.content.daily_life == public.content.daily_life
    assert set(changes(draft)) == {"Change note"}


def test_new_text_is_shown_in_full(noa: User) -> None:
    shown = changes(create_draft(by=noa))
    assert "drip" in shown["How it is given"]
    assert "Testumab" in shown["Name"]


def test_hostile_words_stay_words(public: Version, noa: User) -> None:
    draft = new_draft(public, by=noa, daily_life="<script>x</script> \ue000<b>", name="<img src=x>")
    shown = changes(draft)
    assert "<script" not in shown["Daily life"]
    assert "<img" not in shown["Name"]


def test_block_of_a_page_is_shown_as_readers_see_it(noa: User) -> None:
    create_source()
    story = create_story(by=noa)
    story.versions.get().publish(noa)
    draft = story.versions.get().copy(noa)
    block = draft.content.get_placeholders()[0].get_plugins("en")[0].get_bound_plugin()
    block.body = "Immune cells **find** cancer [@test-label]."
    block.save()
    (shown,) = [html for heading, html in changes(draft).items() if "find" in html]
    assert "<del>fight</del>" in shown


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("One two.", "One three.", "One \ue000two.\ue001\ue002three.\ue003"),
        ("- a\n- b\n- c", "- a\n- x\n- c", "- …\n- \ue000b\ue001\ue002x\ue003\n- …"),
        ("**Bold** word", "Bold word", "Bold word"),
        ("", "New [@key] text", "\ue002New [@key] text\ue003"),
        ("Gone.", "", "\ue000Gone.\ue001"),
        ("| a | b |\n| - | - |\n| 1 | 2 |", "| a | b |\n| - | - |\n| 1 | 3 |", "| a | b |\n| - | - |\n| 1 |"),
    ],
)
def test_texts_are_merged_word_by_word(before: str, after: str, expected: str) -> None:
    assert changed.merged(before, after).startswith(expected)


# --- Back to what readers saw, and off the site


def test_earlier_text_is_public_again_with_one_button(desk: Client, public: Version, noa: User) -> None:
    new_draft(public, by=noa, daily_life="Worse words [@test-label].").publish(noa)
    address = f"/admin/content/drug/{public.content.entry_id}/earlier/en/"
    first = public.publication.pk
    assert f'name="publication" value="{first}"' in desk.get(address).content.decode()
    answer = desk.post(address, {"publication": first}, follow=True)
    assert "The earlier text is public again." in answer.content.decode()
    page = Client().get("/drugs/testumab/").content.decode()
    assert "Rest when you are tired" in page
    assert "Worse words" not in page


def test_bringing_back_keeps_the_draft_in_work_on_record(desk: Client, public: Version, noa: User) -> None:
    draft = new_draft(public, by=noa, daily_life="Half done [@test-label].")
    address = f"/admin/content/drug/{public.content.entry_id}/earlier/en/"
    desk.post(address, {"publication": public.publication.pk})
    assert again(draft).state == "archived"
    assert again(draft).content.daily_life == "Half done [@test-label]."


def test_earlier_page_is_public_again_with_one_button(desk: Client, noa: User) -> None:
    """What holds for an entry holds for a page of the CMS, its blocks and its check included."""
    first = publish(create_story(), by=noa)
    new = version_of(first).copy(noa)
    block = next(iter(new.content.get_placeholders()[0].get_plugins("en"))).get_bound_plugin()
    block.body = "Another text [@test-label]."
    block.save()
    check = PageCheck.objects.get(extended_object=new.content)
    check.change_note = "Another text."
    check.save()
    new.publish(noa)
    address = f"/admin/cms/page/{first.page_id}/earlier/en/"
    page = desk.get(address).content.decode()
    assert page.count("Bring this text back") == 1
    (number,) = re.findall(r'name="publication" value="(\d+)"', page)
    said = desk.post(address, {"publication": number}, follow=True).content.decode()
    assert "The earlier text is public again." in said
    story = Client().get("/story/").content.decode()
    assert "fight cancer" in story
    assert "Another text" not in story.partition("What changed")[0]
    assert PageCheck.objects.get(
        extended_object=PageContent.objects.get(page=first.page_id)
    ).change_note.endswith("again.")


def test_where_a_signature_is_needed_the_earlier_text_waits_for_it(
    desk: Client, public: Version, noa: User, settings: object
) -> None:
    new_draft(public, by=noa, daily_life="Worse words [@test-label].").publish(noa)
    settings.CLINICAL_REVIEW = "required"
    address = f"/admin/content/drug/{public.content.entry_id}/earlier/en/"
    answer = desk.post(address, {"publication": public.publication.pk}, follow=True)
    assert "is a draft now" in answer.content.decode()
    assert "Worse words" in Client().get("/drugs/testumab/").content.decode()


def test_reviewer_brings_nothing_back(clinic: Client, public: Version) -> None:
    address = f"/admin/content/drug/{public.content.entry_id}/earlier/en/"
    assert clinic.post(address, {"publication": public.publication.pk}).status_code == 403
    assert Version.objects.filter(state="draft", content_type=public.content_type).count() == 0


def unpublish_address(version: Version) -> str:
    return f"/admin/djangocms_versioning/{version.content._meta.model_name}version/{version.pk}/unpublish/"


def test_unpublishing_asks_and_says_who_links_there(desk: Client, public: Version, noa: User) -> None:
    create_page(
        slug="othermab", name="Othermab", by=noa, daily_life="See [this](drug:testumab) [@test-label]."
    )
    address = unpublish_address(public)
    answer = desk.post(address, follow=True)
    page = answer.content.decode()
    assert "1 text links here" in page
    assert '<a href="/drugs/othermab/">Othermab</a>' in page
    assert again(public).state == "published"
    desk.post(address, {"confirmed": "yes"})
    assert again(public).state == "unpublished"


def test_list_leads_to_the_question_before_unpublishing(desk: Client, public: Version) -> None:
    page = desk.get("/admin/content/drug/?language=en").content.decode()
    (item,) = [part for part in page.split("&lt;a ") if f"/{public.pk}/unpublish/" in part] or [""]
    assert item
    assert "js-cms-tree-lang-trigger" not in item


# --- Planned


NOON = datetime.datetime(2027, 1, 2, 12, tzinfo=datetime.UTC)


def plan(version: Version, by: User, **moments: datetime.datetime) -> Schedule:
    return Schedule.objects.create(version=version, by=by, **moments)


def at(moment: datetime.datetime) -> list[str]:
    return list(schedule.run(now=moment))


def test_text_goes_public_and_off_when_it_was_planned(desk: Client, noa: User, settings: object) -> None:
    settings.CLINICAL_REVIEW = "label"
    draft = create_draft(by=noa)
    moments = {"publish_at": "2027-01-02T10:00", "expire_at": "2027-01-03T10:00"}
    assert "Planned." in desk.post(read(draft), moments | {"_plan": "x"}, follow=True).content.decode()
    assert at(NOON - datetime.timedelta(days=1)) == []
    assert at(NOON) == ["Published as planned: Testumab"]
    assert again(draft).state == "published"
    assert at(NOON) == []
    assert at(NOON + datetime.timedelta(days=1)) == ["Taken off the site as planned: Testumab"]
    assert again(draft).state == "unpublished"


def test_plan_goes_round_no_gate(
    draft: Version, noa: User, django_capture_on_commit_callbacks: object
) -> None:
    plan(draft, noa, publish_at=NOON, expire_at=NOON + datetime.timedelta(days=1))
    with django_capture_on_commit_callbacks(execute=True):
        assert at(NOON) == ["Not published as planned: Testumab"]
    assert again(draft).state == "draft"
    assert "No clinician has signed this version off yet." in mail.outbox[0].body
    assert at(NOON + datetime.timedelta(days=2)) == []


def test_newer_version_stays_when_an_older_one_expires(public: Version, noa: User) -> None:
    plan(public, noa, expire_at=NOON)
    newer = new_draft(public, by=noa)
    newer.publish(noa)
    assert at(NOON) == ["Not taken off as planned: Testumab"]
    assert again(newer).state == "published"


@pytest.mark.parametrize(
    "moments",
    [{"publish_at": "2020-01-01T10:00"}, {"publish_at": "2027-01-02T10:00", "expire_at": "2027-01-01T10:00"}],
)
def test_plan_that_cannot_be_is_answered_at_its_place(
    desk: Client, draft: Version, moments: dict[str, str]
) -> None:
    page = desk.post(read(draft), moments | {"_plan": "x"})
    assert page.status_code == 200
    assert "errorlist" in page.content.decode()
    assert not Schedule.objects.exists()


def test_reviewer_plans_nothing(clinic: Client, draft: Version) -> None:
    assert clinic.post(read(draft), {"_plan": "x", "publish_at": "2027-01-02T10:00"}).status_code == 403
