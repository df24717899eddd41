"""Nothing medical goes public unreviewed, nobody signs their own text, no page claims a review that was not."""

from __future__ import annotations

import datetime
import re

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.test import Client
from djangocms_versioning.models import Version

from content.models import Clinician, DraftEdit, Fact, Publication, Sign, SignOff
from content.review import facts, gate, signing
from tests.factories import (
    TODAY,
    create_draft,
    create_drug,
    create_indication,
    create_page,
    new_draft,
)

pytestmark = pytest.mark.django_db

DUE = TODAY + datetime.timedelta(days=150)
ADDRESS = "/drugs/testumab/"


@pytest.fixture(autouse=True)
def required(settings):
    settings.CLINICAL_REVIEW = "required"


def sign(version: Version, by: Clinician, **changes: object) -> object:
    seen = changes.pop("seen", None) or signing.digest(version.content)
    return signing.sign_off(version, by=by, **{"next_review_due": DUE, "seen": seen, "now": TODAY, **changes})


def fresh(version: Version) -> Version:
    return Version.objects.get(pk=version.pk)


# --- Publishing


def test_publishing_a_signed_draft_works(client, editor, reviewer):
    version = create_draft(by=editor)
    sign(version, reviewer)
    fresh(version).publish(editor)
    assert client.get(ADDRESS).status_code == 200


def test_publishing_without_sign_off_is_refused_even_by_a_command(client, editor):
    version = create_draft(by=editor)
    with pytest.raises(PermissionDenied, match="No clinician has signed"):
        version.publish(editor)
    assert fresh(version).state == "draft"
    assert client.get(ADDRESS).status_code == 404


def test_publishing_after_a_later_change_is_refused(editor, reviewer):
    version = create_draft(by=editor)
    sign(version, reviewer)
    content = fresh(version).content
    content.daily_life = "Another text [@test-label]."
    content.save()
    with pytest.raises(PermissionDenied, match="changed after it was signed"):
        fresh(version).publish(editor)


@pytest.mark.parametrize(
    "column", ["name", "summary", "key_message", "act_emergency", "brand_names", "route", "change_note"]
)
def test_sign_off_covers_every_shown_column(editor, reviewer, column):
    version = create_draft(by=editor)
    sign(version, reviewer)
    content = fresh(version).content
    old = getattr(content, column)
    setattr(content, column, [*old, "New [@test-label]"] if isinstance(old, list) else f"{old} New.")
    content.save()
    assert signing.valid_sign_off(fresh(version)) is None


def test_sign_off_holds_while_nothing_changes(editor, reviewer):
    version = create_draft(by=editor)
    signed = sign(version, reviewer)
    fresh(version).content.save()
    assert signing.valid_sign_off(fresh(version)) == signed


def test_publishing_what_a_demo_account_signed_is_refused(editor):
    user = User.objects.create_user("demo", is_staff=True)
    demo = Clinician.objects.create(
        name="Demo account, not a clinician", role="Demo", user=user, is_demo=True
    )
    version = create_draft(by=editor)
    sign(version, demo)
    with pytest.raises(PermissionDenied, match="demo"):
        fresh(version).publish(editor)


def test_publishing_without_a_change_note_is_refused(editor, reviewer):
    version = create_draft(by=editor, change_note="")
    sign(version, reviewer)
    with pytest.raises(PermissionDenied, match="change note"):
        fresh(version).publish(editor)


def test_a_refused_publication_leaves_the_public_version_up(client, editor, reviewer):
    first = create_draft(by=editor)
    sign(first, reviewer)
    fresh(first).publish(editor)
    draft = new_draft(fresh(first), by=editor, name="Changed name")
    with pytest.raises(PermissionDenied):
        draft.publish(editor)
    assert "Changed name" not in client.get(ADDRESS).content.decode()
    assert client.get(ADDRESS).status_code == 200


# --- Who may sign


def test_signing_by_the_author_is_refused(reviewer):
    version = create_draft(by=reviewer.user)
    with pytest.raises(PermissionDenied, match="changed this draft yourself"):
        sign(version, reviewer)


def test_signing_by_somebody_who_saved_a_change_is_refused(editor, reviewer):
    version = create_draft(by=editor)
    DraftEdit.record(version.content, reviewer.user)
    with pytest.raises(PermissionDenied, match="changed this draft yourself"):
        sign(version, reviewer)


def test_signing_a_text_that_changed_meanwhile_is_refused(editor, reviewer):
    version = create_draft(by=editor)
    with pytest.raises(PermissionDenied, match="changed while you read"):
        sign(version, reviewer, seen="0" * 64)


def test_signing_with_a_closed_account_is_refused(editor, reviewer):
    reviewer.user.is_active = False
    reviewer.user.save()
    with pytest.raises(PermissionDenied, match="no active account"):
        sign(create_draft(by=editor), reviewer)


def test_signing_what_is_public_is_refused(settings, editor, reviewer):
    settings.CLINICAL_REVIEW = "label"
    version = create_page(by=editor)
    with pytest.raises(PermissionDenied, match="Only a draft"):
        sign(fresh(version), reviewer)


# --- The reviewer's desk


def test_desk_lists_waiting_drafts(client, editor, reviewer):
    create_draft(by=editor, name="Waiting medicine")
    client.force_login(reviewer.user)
    assert "Waiting medicine" in client.get("/admin/content/signoff/desk/").content.decode()


def test_reading_page_shows_the_draft_and_what_changed(client, settings, editor, reviewer):
    settings.CLINICAL_REVIEW = "label"
    draft = new_draft(create_page(by=editor), by=editor, how_given="You get it as a shot [@test-label].")
    client.force_login(reviewer.user)
    page = client.get(f"/admin/content/signoff/read/{draft.pk}/").content.decode()
    assert "<iframe" in page
    assert re.search(r"<del>\s*drip", page)
    assert re.search(r"<ins>\s*shot", page)


def test_reading_page_signs(client, editor, reviewer):
    version = create_draft(by=editor)
    client.force_login(reviewer.user)
    address = f"/admin/content/signoff/read/{version.pk}/"
    due = datetime.date.today() + datetime.timedelta(days=100)
    form = {"seen": signing.digest(version.content), "next_review_due": due.isoformat(), "have_read": "on"}
    assert client.post(address, form).status_code == 302
    assert signing.valid_sign_off(fresh(version)).reviewer == reviewer


@pytest.mark.parametrize(
    "wrong",
    [
        {"have_read": ""},
        {"next_review_due": ""},
        {"next_review_due": "2001-01-01"},
        {"next_review_due": "2099-01-01"},
        {"seen": "0" * 64},
    ],
)
def test_reading_page_keeps_what_was_typed_when_it_refuses(client, editor, reviewer, wrong):
    version = create_draft(by=editor)
    client.force_login(reviewer.user)
    due = datetime.date.today() + datetime.timedelta(days=100)
    form = {
        "seen": signing.digest(version.content),
        "next_review_due": due.isoformat(),
        "have_read": "on",
        "notes": "Kept words",
    }
    answer = client.post(f"/admin/content/signoff/read/{version.pk}/", {**form, **wrong})
    assert answer.status_code == 200
    assert "Kept words" in answer.content.decode()
    assert not version.sign_offs.exists()


def test_desk_is_closed_to_strangers(client, stranger):
    client.force_login(stranger)
    assert client.get("/admin/content/signoff/desk/").status_code == 302


def test_sign_off_cannot_be_added_or_edited_by_hand(client, editor, reviewer):
    signed = sign(create_draft(by=editor), reviewer)
    client.force_login(editor)
    assert client.get("/admin/content/signoff/add/").status_code == 403
    assert client.post(f"/admin/content/signoff/{signed.pk}/change/", {}).status_code == 403
    assert client.post(f"/admin/content/signoff/{signed.pk}/delete/", {"post": "yes"}).status_code == 403


# --- What a page says


def page_text(client: Client) -> str:
    return re.sub(r"\s+", " ", client.get(ADDRESS).content.decode())


def test_page_nobody_checked_says_so(client, settings):
    settings.CLINICAL_REVIEW = "label"
    create_page()
    page = page_text(client)
    assert "No clinician has checked this page yet" in page
    assert page.index("No clinician has checked") < page.index("What kind of medicine it is")


def test_page_a_clinician_checked_names_them(client, editor, reviewer):
    Sign.objects.update(review_state=Fact.Review.REVIEWED, reviewer=reviewer)
    version = create_draft(by=editor)
    sign(version, reviewer)
    fresh(version).publish(editor)
    page = page_text(client)
    assert "Test Reviewer" in page
    assert "No clinician has checked" not in page


def test_page_with_an_unreviewed_sign_is_as_weak_as_the_sign(client, editor, reviewer):
    version = create_draft(by=editor)
    sign(version, reviewer)
    fresh(version).publish(editor)
    assert "No clinician has checked" in page_text(client)


def test_page_with_an_unreviewed_fact_is_as_weak_as_the_fact(client, editor, reviewer):
    Sign.objects.update(review_state=Fact.Review.REVIEWED, reviewer=reviewer)
    version = create_draft(by=editor)
    sign(version, reviewer)
    fresh(version).publish(editor)
    create_indication(drug=create_drug())
    text = page_text(client)
    assert f"The text was checked by {reviewer.name}" in text
    assert "Not checked by a clinician yet: 1 approved use." in text


def test_page_past_its_date_says_so_by_itself(client, editor, reviewer):
    version = create_draft(
        by=editor, checked_on=datetime.date(2020, 1, 1), next_check_due=datetime.date(2020, 6, 1)
    )
    SignOff.objects.create(
        version=version,
        reviewer=reviewer,
        signed_on=datetime.date(2020, 1, 2),
        next_review_due=datetime.date(2020, 6, 1),
        digest=signing.digest(version.content),
        digest_format=signing.DIGEST_FORMAT,
    )
    fresh(version).publish(editor)
    assert "overdue" in page_text(client).lower()


def test_page_signed_by_a_demo_account_stays_unreviewed(client, settings, editor):
    settings.CLINICAL_REVIEW = "label"
    user = User.objects.create_user("demo", is_staff=True)
    demo = Clinician.objects.create(
        name="Demo account, not a clinician", role="Demo", user=user, is_demo=True
    )
    version = create_draft(by=editor)
    sign(version, demo)
    fresh(version).publish(editor)
    page = page_text(client)
    assert "No clinician has checked" in page
    assert "Demo account" not in page


def test_page_tells_what_changed_and_when(client, settings, editor):
    settings.CLINICAL_REVIEW = "label"
    version = create_page(by=editor, change_note="First words.")
    new_draft(version, by=editor, change_note="Dose made clearer.").publish(editor)
    page = page_text(client)
    assert page.index("Dose made clearer.") < page.index("First words.")


def test_publication_is_recorded_with_its_sign_off(editor, reviewer):
    version = create_draft(by=editor)
    signed = sign(version, reviewer)
    fresh(version).publish(editor)
    record = Publication.objects.get(version=version)
    assert (record.sign_off, record.change_note) == (signed, "First version.")


# --- Start in `required`


def test_start_lists_public_versions_nobody_signed(settings, editor, reviewer):
    settings.CLINICAL_REVIEW = "label"
    version = create_page(by=editor)
    settings.CLINICAL_REVIEW = "required"
    assert version.pk in {row.pk for row in gate.unsigned_public_versions()}


def test_start_asks_for_no_signature_of_pages_without_medicine():
    public = Version.objects.filter(state="published")
    medical = {version.pk for version in public if gate.is_medical(version.content)}
    assert 0 < len(medical) < public.count()
    assert {version.pk for version in gate.unsigned_public_versions()} == medical


def test_start_accepts_what_was_signed(editor, reviewer):
    version = create_draft(by=editor)
    sign(version, reviewer)
    fresh(version).publish(editor)
    assert version.pk not in {row.pk for row in gate.unsigned_public_versions()}


# --- Facts


def test_fact_is_approved_by_a_clinician_who_did_not_write_it(editor, reviewer):
    fact = create_indication(approve=False, created_by=editor)
    pages = facts.approve_fact(fact, by=reviewer.user, now=TODAY)
    assert (fact.state, fact.review_state, fact.reviewer) == (
        Fact.State.APPROVED,
        Fact.Review.REVIEWED,
        reviewer,
    )
    assert "Melanoma" in {page.name for page in pages}


@pytest.mark.parametrize("who", ["editor", "author"])
def test_fact_is_not_approved_by_anybody_else(editor, reviewer, who):
    fact = create_indication(approve=False, created_by=reviewer.user if who == "author" else editor)
    with pytest.raises(PermissionDenied):
        facts.approve_fact(fact, by=reviewer.user if who == "author" else editor, now=TODAY)
    assert type(fact).objects.get(pk=fact.pk).state == Fact.State.DRAFT


def test_fact_without_a_source_is_not_approved(reviewer, editor):
    fact = create_indication(approve=False, created_by=editor, source=None)
    with pytest.raises(PermissionDenied, match="source"):
        facts.approve_fact(fact, by=reviewer.user, now=TODAY)


def test_fact_changed_supersedes_the_old_row_and_keeps_it(editor, reviewer):
    old = create_indication(biomarker="pd-l1", partners=["ipilimumab"])
    draft = old.propose(by=editor)
    assert type(old).objects.get(pk=old.pk).state == Fact.State.APPROVED
    facts.approve_fact(draft, by=reviewer.user, now=TODAY)
    assert type(old).objects.get(pk=old.pk).state == Fact.State.RETIRED
    assert [need.biomarker.slug for need in draft.requirements.all()] == ["pd-l1"]
    assert draft.text_in("en").condition == "Melanoma that has spread"


def test_fact_approval_tells_the_reviewers_of_its_pages(editor, reviewer, django_capture_on_commit_callbacks):
    version = create_draft(by=editor)
    sign(version, reviewer)
    fresh(version).publish(editor)
    fact = create_indication(drug=create_drug(), approve=False, created_by=editor)
    with django_capture_on_commit_callbacks(execute=True):
        facts.approve_fact(fact, by=reviewer.user, now=TODAY)
    assert mail.outbox[0].to == ["reviewer@example.org"]
    assert ADDRESS in mail.outbox[0].body


def test_fact_page_in_the_admin_names_the_pages_it_appears_on(client, editor):
    fact = create_indication(approve=False)
    client.force_login(editor)
    page = client.get(f"/admin/content/indication/{fact.pk}/change/").content.decode()
    assert "/cancers/melanoma/" in page


def test_fact_approve_button_asks_the_gate(client, editor):
    fact = create_indication(approve=False)
    client.force_login(editor)
    client.post(f"/admin/content/indication/{fact.pk}/approve/")
    assert type(fact).objects.get(pk=fact.pk).state == Fact.State.DRAFT


def test_change_is_proposed_of_the_row_readers_see_only(client, editor):
    draft = create_indication(approve=False)
    retired = create_indication(drug=draft.drug, key="fda-other")
    retired.propose(by=editor).approve(by=None, now=TODAY)
    client.force_login(editor)
    before = type(draft).objects.count()
    for row in (draft, retired):
        assert client.post(f"/admin/content/indication/{row.pk}/propose/").status_code == 403
    assert type(draft).objects.count() == before


@pytest.mark.parametrize(
    ("another", "sentence"),
    [({}, "names another use already."), ({"key": "fda-other"}, "The same use as")],
    ids=["same key", "same use"],
)
def test_fact_that_says_what_another_says_stays_a_draft(client, editor, settings, another, sentence):
    settings.CLINICAL_REVIEW = "label"
    create_indication(created_by=editor)
    fact = create_indication(approve=False, **another)
    client.force_login(editor)
    page = client.post(f"/admin/content/indication/{fact.pk}/approve/", follow=True)
    assert page.status_code == 200
    assert sentence in page.content.decode()
    fact.refresh_from_db()
    assert fact.state == "draft"


def test_fact_approved_is_read_only_in_the_admin(client, editor):
    fact = create_indication()
    client.force_login(editor)
    answer = client.post(f"/admin/content/indication/{fact.pk}/change/", {"key": "other"})
    assert answer.status_code == 403
    assert client.post(f"/admin/content/indication/{fact.pk}/delete/", {"post": "yes"}).status_code == 403
