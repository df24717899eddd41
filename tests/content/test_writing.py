"""The form of an entry checks while somebody types, and takes the text a step further."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from djangocms_versioning.models import Version

from content.models import DrugContent, Sign
from tests.content.conftest import form_of
from tests.content.test_entry_admin import typed
from tests.factories import create_page
from tests.staff import create_staff

pytestmark = pytest.mark.django_db


def panel(desk: Client, draft: Version, **changes: str) -> str:
    sent = typed(desk, form_of(draft), **changes)
    answer = desk.post(f"/admin/content/drug/{draft.content.entry_id}/check/en/", sent)
    assert answer.status_code == 200
    return answer.content.decode()


def test_panel_says_what_is_wrong_where_before_anything_is_saved(desk: Client, draft: Version) -> None:
    page = panel(desk, draft, daily_life="It is a miracle cure [@nope].", next_check_due="")
    assert '<a href="#id_content__daily_life">Daily life</a>' in page
    assert "There is no source &#x27;nope&#x27;: correct the key, or add the source first." in page
    assert '<a href="#id_content__next_check_due">Next check due</a>' in page
    assert 'data-can-publish="no"' in page
    assert "miracle" not in DrugContent.admin_manager.get(pk=draft.object_id).daily_life


def test_panel_of_a_good_text_lets_it_go_public(desk: Client, draft: Version) -> None:
    page = panel(desk, draft)
    assert "Nothing to put right" in page
    assert 'data-can-publish="yes"' in page


def test_panel_counts_words_of_the_key_message(desk: Client, draft: Version) -> None:
    assert "45 of 40 words" in panel(desk, draft, key_message="word " * 45)


def test_panel_asks_for_a_signature_where_one_is_needed(
    desk: Client, draft: Version, settings: object
) -> None:
    settings.CLINICAL_REVIEW = "required"
    assert "No clinician has signed this version off yet." in panel(desk, draft)


def test_panel_takes_half_typed_days(desk: Client, draft: Version) -> None:
    assert "check-places" in panel(desk, draft, checked_on="2026-1", next_check_due="soon")


def test_form_saves_and_publishes_with_one_button(desk: Client, draft: Version) -> None:
    sent = typed(desk, form_of(draft), daily_life="New words [@test-label].") | {"_publish": "Publish"}
    answer = desk.post(form_of(draft), sent, follow=True)
    assert "Published. Readers see it now." in answer.content.decode()
    assert DrugContent.objects.get(entry__slug="testumab").daily_life == "New words [@test-label]."


def test_form_keeps_what_it_cannot_publish_and_says_why(desk: Client, draft: Version) -> None:
    sent = typed(desk, form_of(draft), daily_life="It is a miracle [@test-label].") | {"_publish": "Publish"}
    answer = desk.post(form_of(draft), sent, follow=True)
    assert "Saved, not published." in answer.content.decode()
    assert "Take out &#x27;miracle&#x27;" in answer.content.decode()
    assert "miracle" in DrugContent.admin_manager.get(pk=draft.object_id).daily_life
    assert not DrugContent.objects.filter(entry__slug="testumab").exists()


def test_panel_is_for_who_may_see_the_entry(client: Client, draft: Version) -> None:
    client.force_login(create_staff("nobody"))
    assert client.get(f"/admin/content/drug/{draft.content.entry_id}/check/en/").status_code == 403


# --- What the editor looks up


def test_pages_are_found_by_name_for_a_link(desk: Client) -> None:
    found = desk.get("/admin/content/source/find/entries/?q=pembro").json()["entries"]
    assert {"kind": "drug", "slug": "pembrolizumab", "name": "Pembrolizumab"} in found


def test_signs_are_found_by_their_words(desk: Client) -> None:
    sign = Sign.objects.approved().first()
    words = sign.texts.get(language="en").words
    found = desk.get("/admin/content/source/find/signs/", {"q": words}).json()["signs"]
    assert {"key": sign.key, "words": words} in found


@pytest.mark.parametrize("what", ["entries", "signs"])
def test_looking_up_is_for_who_writes(client: Client, what: str) -> None:
    client.force_login(create_staff("nobody"))
    assert client.get(f"/admin/content/source/find/{what}/").status_code == 403


def test_translation_has_the_english_words_beside_it(desk: Client, noa: User) -> None:
    public = create_page(by=noa)
    page = desk.get(f"/admin/content/drug/{public.content.entry_id}/change/?language=he").content.decode()
    assert '<div lang="en" dir="ltr">You get it as a drip [@test-label].</div>' in page
    assert 'dir="auto"' in page
    # The next form in English is as it was.
    page = desk.get(f"/admin/content/drug/{public.content.entry_id}/change/?language=en").content.decode()
    assert "In English" not in page
    assert 'dir="auto"' not in page
