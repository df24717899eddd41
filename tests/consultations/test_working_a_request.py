"""Working on a request: every step by its button, every refusal, and what the second of two people sees."""

from __future__ import annotations

import datetime
import threading

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from immuno_site.consultations import mail
from immuno_site.consultations.admin import steps
from immuno_site.consultations.models import AccessEvent, ConsultationRequest, Coordinator, Note, OutgoingMail
from immuno_site.keyring import blind_index
from tests.consultations.factories import NOW, create_request
from tests.consultations.inbox import INBOX, address, again, do, listed, seen

pytestmark = pytest.mark.django_db
HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def request_(coordinator: User) -> ConsultationRequest:
    """The coordinator's own."""
    request = create_request()
    request.take(by=coordinator, now=NOW)
    return request


def _summary(request: ConsultationRequest) -> tuple[str, str | None]:
    stored = again(request)
    return stored.status, stored.owner and stored.owner.username


# --- From new to closed -----------------------------------------------------------------------------------


def test_request_goes_its_way_from_new_to_closed(as_coordinator: Client) -> None:
    request = create_request()
    way = (
        ("take", {}, "read"),
        ("wait", {"words": "The scan on a disc", "on": "2026-11-25"}, "waiting"),
        ("go-on", {}, "read"),
        ("doctor", {"words": "Dr. Test", "agreed": "yes"}, "with_doctor"),
        ("doctor-replied", {}, "read"),
        ("answer", {"words": "Told her by phone."}, "answered"),
        ("close", {"reason": "answered"}, "closed"),
        ("reopen", {}, "read"),
    )
    for step, typed, status in way:
        response = do(as_coordinator, request, step, **typed)
        assert (response.status_code, response.url) == (302, address(request))
        assert _summary(request) == (status, "ruth")
    done = AccessEvent.objects.filter(action="changed").order_by("pk").values_list("detail", flat=True)
    assert list(done) == [step for step, _typed, _status in way]


def test_every_step_has_its_button_and_only_then(as_coordinator: Client) -> None:
    request = create_request()
    assert _buttons(as_coordinator, request) == {"take", "hand-over", "note", "link", "flag", "spam"}
    do(as_coordinator, request, "take")
    assert _buttons(as_coordinator, request) == {
        "send", "send-wait", "send-close", "new-code", "new-code-aloud", "came",
        "answer", "doctor", "wait", "hand-over", "plan", "records", "note", "link", "flag", "close", "spam",
    }  # fmt: skip
    do(as_coordinator, request, "close", reason="not_ours")
    assert _buttons(as_coordinator, request) == {
        "note",
        "link",
        "reopen",
        "new-code",
        "new-code-aloud",
        "came",
    }
    do(as_coordinator, request, "reopen")
    do(as_coordinator, request, "spam", sure="yes")
    assert _buttons(as_coordinator, request) == {
        "note",
        "link",
        "not-spam",
        "new-code",
        "new-code-aloud",
        "came",
    }


def _buttons(client: Client, request: ConsultationRequest) -> set[str]:
    html = client.get(address(request)).content.decode()
    return {step.name for step in steps.STEPS if f'action="{address(request, step.name)}"' in html}


def test_take_names_the_owner(as_coordinator: Client, coordinator: User) -> None:
    request = create_request()
    response = as_coordinator.post(
        address(request, "take"), {"seen": seen(as_coordinator, request)}, follow=True
    )
    assert "It is yours now." in response.content.decode()
    assert again(request).owner == coordinator


def test_hand_over_needs_a_colleague_and_a_note(
    as_coordinator: Client, request_: ConsultationRequest, colleague: User
) -> None:
    refused = do(as_coordinator, request_, "hand-over", to="", words="")
    assert refused.status_code == 422
    html = refused.content.decode()
    assert "Choose a colleague." in html
    assert "Write what your colleague should know." in html
    assert "<title>Error:" in " ".join(html.split())
    response = do(as_coordinator, request_, "hand-over", to=colleague.pk, words="She speaks Russian.")
    assert response.url == INBOX  # it is not theirs to read any more
    assert again(request_).owner == colleague
    note = Note.objects.get()
    assert (note.about, note.text) == ("hand_over", "She speaks Russian.")
    letter = mail.letter(OutgoingMail.objects.get())
    assert (letter.subject, letter.to) == (f"Handed over: {request_.reference}", ["boris@example.org"])
    assert "Russian" not in letter.body


def test_hand_over_offers_those_who_speak_the_language_first(
    as_coordinator: Client, coordinator: User, colleague: User, manager: User, library_editor: User
) -> None:
    Coordinator.objects.create(user=manager, languages=["ru"])
    request = create_request(language="ru")
    html = as_coordinator.get(address(request)).content.decode()
    offered = html[
        html.index("Choose a colleague") : html.index("</select>", html.index("Choose a colleague"))
    ]
    assert offered.index("Dana, speaks Русский") < offered.index("Boris")
    assert "miriam" not in offered


def test_hand_over_to_somebody_who_may_not_is_refused(
    as_coordinator: Client, request_: ConsultationRequest, library_editor: User
) -> None:
    assert do(as_coordinator, request_, "hand-over", to=library_editor.pk, words="x").status_code == 422
    assert _summary(request_)[1] == "ruth"


def test_wait_stops_the_clock_and_keeps_what_is_awaited(
    as_coordinator: Client, request_: ConsultationRequest
) -> None:
    assert do(as_coordinator, request_, "wait", words="", on="").status_code == 422
    assert do(as_coordinator, request_, "wait", words="x", on="2020-01-01").status_code == 422
    do(as_coordinator, request_, "wait", words="The pathology report", on="2026-11-25")
    stored = again(request_)
    assert (stored.waiting_since, stored.next_action) == (NOW, "The pathology report")
    assert stored.next_action_on == datetime.date(2026, 11, 25)


def test_doctor_needs_the_patients_word_unless_it_was_given(
    as_coordinator: Client, request_: ConsultationRequest
) -> None:
    assert do(as_coordinator, request_, "doctor", words="Dr. Test").status_code == 422
    assert _summary(request_)[0] == "read"
    ConsultationRequest.objects.update(may_share=True)
    assert do(as_coordinator, request_, "doctor", words="Dr. Test").status_code == 302
    assert _summary(request_)[0] == "with_doctor"


def test_answer_needs_words_and_keeps_what_was_typed(
    as_coordinator: Client, request_: ConsultationRequest
) -> None:
    refused = do(as_coordinator, request_, "answer", words="")
    assert refused.status_code == 422
    assert "Write what the patient was told" in refused.content.decode()
    too_long = do(as_coordinator, request_, "answer", words="long " * 3000)
    assert "long long long" in too_long.content.decode()
    assert Note.objects.count() == 0
    do(as_coordinator, request_, "answer", words="Told her by phone.")
    assert (Note.objects.get().about, again(request_).answered_at) == ("patient", NOW)


@pytest.mark.parametrize("reason", ["", "spam", "because"])
def test_close_needs_a_known_reason(
    as_coordinator: Client, request_: ConsultationRequest, reason: str
) -> None:
    assert do(as_coordinator, request_, "close", reason=reason).status_code == 422
    assert _summary(request_)[0] == "read"


def test_reopening_promises_anew(as_coordinator: Client, request_: ConsultationRequest) -> None:
    do(as_coordinator, request_, "close", reason="no_reply")
    do(as_coordinator, request_, "reopen")
    assert again(request_).reply_due_at == NOW + 24 * HOUR  # eight working hours: tomorrow at the same time


def test_notes_are_only_added(
    as_coordinator: Client, request_: ConsultationRequest, coordinator: User
) -> None:
    token = seen(as_coordinator, request_)
    request_.plan(words="x", on=None, by=coordinator, now=NOW)
    # Somebody else's change in between does not matter to a note.
    do(as_coordinator, request_, "note", token=token, words="First.\nSecond line.")
    assert Note.objects.get().text == "First.\nSecond line."
    html = as_coordinator.get(address(request_)).content.decode()
    assert "First.<br>Second line." in html
    assert do(as_coordinator, request_, "note", words=" ").status_code == 422
    assert not [step for step in steps.BY_NAME if "note" in step and step != "note"]


def test_checklist_keeps_what_was_looked_at(as_coordinator: Client, request_: ConsultationRequest) -> None:
    do(as_coordinator, request_, "records", pathology="have", imaging="missing", pd_l1="illegible", tmb="")
    assert again(request_).records == {"pathology": "have", "imaging": "missing", "pd_l1": "illegible"}
    html = as_coordinator.get(address(request_)).content.decode()
    assert "PD-L1: <strong>Illegible</strong>" in html
    assert do(as_coordinator, request_, "records", pathology="lost").status_code == 422


def test_duplicates_are_linked_never_merged(as_coordinator: Client, request_: ConsultationRequest) -> None:
    other = create_request(email_index=blind_index("anna@example.org"))
    do(as_coordinator, request_, "link", reference=other.reference.lower())
    assert list(again(other).same_person.all()) == [request_]
    assert ConsultationRequest.objects.count() == 2
    do(as_coordinator, request_, "unlink", reference=other.reference)
    assert not again(other).same_person.exists()


def test_link_to_itself_to_nothing_or_to_a_colleagues_is_refused(
    as_coordinator: Client, request_: ConsultationRequest, colleague: User
) -> None:
    other = create_request()
    other.take(by=colleague, now=NOW)
    for reference in (request_.reference, "IM-0000-00", other.reference, ""):
        assert do(as_coordinator, request_, "link", reference=reference).status_code == 422
    assert not again(request_).same_person.exists()


def test_urgency_is_judged_by_a_person(as_coordinator: Client, request_: ConsultationRequest) -> None:
    do(as_coordinator, request_, "flag")
    assert again(request_).is_urgent
    do(as_coordinator, request_, "unflag")
    assert not again(request_).is_urgent


def test_suspected_request_has_a_clock_and_says_why_it_is_suspected(as_coordinator: Client) -> None:
    request = create_request(status="suspected", suspected_because="trap links")
    html = as_coordinator.get(address(request)).content.decode()
    assert "a field that people do not see was filled in; many links" in html
    assert "8 h left" in html
    assert "No letter has gone out" not in html
    assert "8 h left" in as_coordinator.get(f"{INBOX}?view=suspected").content.decode()


def test_person_behind_suspected_spam_joins_the_queue(as_coordinator: Client) -> None:
    request = create_request(status="suspected", suspected_because="trap", language="he")
    do(as_coordinator, request, "not-spam")
    assert _summary(request) == ("new", None)
    assert not OutgoingMail.objects.exists()  # the receipt left when it came


def test_spam_is_asked_once_with_its_consequence_and_away_from_close(
    as_coordinator: Client, request_: ConsultationRequest
) -> None:
    html = as_coordinator.get(address(request_)).content.decode()
    places = [html.index(f'action="{address(request_, name)}"') for name in ("close", "spam")]
    assert places[0] < html.index('id="templates"') < places[1]
    assert "is erased in 30 days" in html
    refused = do(as_coordinator, request_, "spam")
    assert refused.status_code == 422
    assert "Read it, then tick the box." in refused.content.decode()
    assert _summary(request_)[0] == "read"
    do(as_coordinator, request_, "spam", sure="yes")
    assert (again(request_).status, again(request_).closed_reason) == ("closed", "spam")
    assert again(request_).erase_after == NOW + datetime.timedelta(days=30)


@pytest.mark.parametrize("is_owned", [True, False])
def test_spam_is_undone_by_any_coordinator(
    as_coordinator: Client, as_colleague: Client, coordinator: User, is_owned: bool
) -> None:
    request = create_request()
    if is_owned:
        request.take(by=coordinator, now=NOW)
    response = do(as_coordinator, request, "spam", sure="yes")
    assert response.url == address(request)  # and there it can be undone
    assert listed(as_colleague, "view=spam") == [request.reference]
    assert listed(as_colleague, "view=closed") == []
    assert _buttons(as_colleague, request) >= {"not-spam"}
    do(as_colleague, request, "not-spam")
    assert _summary(request) == (("read", "ruth") if is_owned else ("new", None))


# --- Refusals ---------------------------------------------------------------------------------------------


@pytest.mark.corpus("C3")
@pytest.mark.parametrize("step", sorted(steps.BY_NAME))
def test_step_is_only_posted_and_only_by_those_who_may(
    as_coordinator: Client, library_editor: User, step: str
) -> None:
    request = create_request()
    assert as_coordinator.get(address(request, step)).status_code == 405
    visitor = Client()
    assert visitor.post(address(request, step)).url.startswith("/admin/login/")
    visitor.force_login(library_editor)
    assert visitor.post(address(request, step)).status_code == 404
    assert again(request).version == 1


@pytest.mark.parametrize("token", ["", "forged", "x:y:z"])
def test_step_without_a_valid_token_finds_nothing(
    as_coordinator: Client, request_: ConsultationRequest, token: str
) -> None:
    response = as_coordinator.post(address(request_, "close"), {"seen": token, "reason": "answered"})
    assert response.status_code == 404
    assert _summary(request_)[0] == "read"


def test_token_of_another_person_or_request_is_not_accepted(
    as_coordinator: Client, as_manager: Client, request_: ConsultationRequest
) -> None:
    other = create_request()
    for token in (seen(as_manager, request_), seen(as_coordinator, other)):
        response = do(as_coordinator, request_, "close", token=token, reason="answered")
        assert response.status_code == 404
    assert _summary(request_)[0] == "read"


def test_step_that_is_not_possible_changes_nothing(
    as_coordinator: Client, request_: ConsultationRequest
) -> None:
    response = as_coordinator.post(
        address(request_, "go-on"), {"seen": seen(as_coordinator, request_)}, follow=True
    )
    assert "This step is not possible now." in response.content.decode()
    assert again(request_).version == request_.version


def test_free_request_must_be_taken_first(as_coordinator: Client) -> None:
    request = create_request()
    do(as_coordinator, request, "answer", words="Hello")
    assert _summary(request) == ("new", None)


def test_manager_works_on_what_others_have(as_manager: Client, request_: ConsultationRequest) -> None:
    do(as_manager, request_, "answer", words="Told him.")
    assert _summary(request_) == ("answered", "ruth")
    do(as_manager, request_, "reopen")
    do(as_manager, request_, "take")
    assert _summary(request_) == ("read", "dana")


@pytest.mark.corpus("F14")
def test_extra_fields_change_nothing(as_coordinator: Client) -> None:
    request = create_request()
    extra = {"status": "closed", "id": "1", "owner": "1", "version": "9", "is_urgent": "1"}
    do(as_coordinator, request, "take", **extra)
    stored = again(request)
    assert (stored.status, stored.owner.username, stored.is_urgent, stored.version) == (
        "read",
        "ruth",
        False,
        2,
    )


def test_erasing_needs_the_managers_permission_and_the_reference(
    as_coordinator: Client, as_manager: Client, request_: ConsultationRequest
) -> None:
    do(as_coordinator, request_, "erase", reference=request_.reference)
    assert do(as_manager, request_, "erase", reference="IM-AAAA-AA").status_code == 422
    assert again(request_)
    reference = request_.reference
    assert do(as_manager, request_, "erase", reference=reference).url == INBOX
    assert not ConsultationRequest.objects.exists()
    assert AccessEvent.objects.filter(action="erased", reference=reference).exists()


# --- Two people at once -----------------------------------------------------------------------------------


@pytest.mark.corpus("D6")
def test_d6_second_of_two_sees_both_versions_and_nothing_is_overwritten(
    as_coordinator: Client, as_manager: Client, request_: ConsultationRequest
) -> None:
    token = seen(as_coordinator, request_)
    do(as_manager, request_, "plan", words="Call on Monday")
    response = do(as_coordinator, request_, "close", token=token, reason="no_reply", words="My words")
    assert response.status_code == 409
    html = response.content.decode()
    for words in ("On your screen", "Stored now", "Call on Monday", "My words", "dana"):
        assert words in html
    assert (again(request_).status, again(request_).next_action) == ("read", "Call on Monday")


def test_conflict_page_repeats_the_step_on_the_present_version(
    as_coordinator: Client, as_manager: Client, request_: ConsultationRequest
) -> None:
    token = seen(as_coordinator, request_)
    do(as_manager, request_, "plan", words="Call on Monday")
    conflict = do(as_coordinator, request_, "close", token=token, reason="no_reply", words="My words")
    do(as_coordinator, request_, "close", token=conflict.context["seen"], reason="no_reply", words="My words")
    assert again(request_).status == "closed"


@pytest.mark.corpus("D6")
def test_d6_request_that_a_colleague_took_first_shows_who_has_it_and_no_more(
    as_coordinator: Client, as_colleague: Client
) -> None:
    request = create_request(name="Canary", question="Canary")
    token = seen(as_coordinator, request)
    do(as_colleague, request, "take")
    do(as_colleague, request, "plan", words="Canary words")
    response = do(as_coordinator, request, "take", token=token)
    html = response.content.decode()
    assert response.status_code == 409
    assert "Boris" in html
    assert "Canary" not in html
    assert _summary(request) == ("read", "boris")


@pytest.mark.corpus("D7")
def test_d7_erased_while_open_stays_erased(
    as_coordinator: Client, as_manager: Client, request_: ConsultationRequest
) -> None:
    token = seen(as_coordinator, request_)
    pk = request_.pk
    do(as_manager, request_, "erase", reference=request_.reference)
    request_.pk = pk
    response = do(as_coordinator, request_, "answer", token=token, words="Told her.")
    assert response.status_code == 409
    assert "erased while you had it open" in response.content.decode()
    assert not ConsultationRequest.objects.exists()
    assert not Note.objects.exists()
    assert as_coordinator.get(address(request_)).status_code == 404


@pytest.mark.corpus("D6")
@pytest.mark.django_db(transaction=True)
def test_d6_of_20_at_once_one_wins_and_19_see_a_conflict(as_manager: Client) -> None:
    request = create_request()
    as_manager.get(INBOX)  # the CMS keeps a row for each person, and makes it at the first page
    token = seen(as_manager, request)
    session = as_manager.cookies["sessionid" if "sessionid" in as_manager.cookies else "__Host-sessionid"]
    statuses: list[int] = []

    def take() -> None:
        client = Client()
        client.cookies[session.key] = session.value
        try:
            statuses.append(client.post(address(request, "take"), {"seen": token}).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=take) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [302] + [409] * 19
    assert again(request).version == 2
