"""Numbers on how the promise is kept, and the export: without people, unless somebody may and asks for it."""

from __future__ import annotations

import csv
import datetime
import io
import re
import time
from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from content.models import SiteProfile
from immuno_site.consultations.admin import charts, csv_rows, export, statistics
from immuno_site.consultations.admin.statistics import Span
from immuno_site.consultations.clock import Clocks, duration
from immuno_site.consultations.models import AccessEvent, ConsultationRequest
from immuno_site.consultations.working_time import WorkingTime
from tests.consultations.conftest import create_person
from tests.consultations.factories import NOW, create_mail, create_request
from tests.consultations.inbox import INBOX, again

pytestmark = pytest.mark.django_db
HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)
LAST_DAYS = Span(NOW.date() - 30 * DAY, NOW.date())
CLOCKS = Clocks.at(NOW, SiteProfile(pk=1))
EXPORT = f"{INBOX}export/"


def _answered(after: datetime.timedelta, *, in_time: bool = True, **changes: object) -> ConsultationRequest:
    received = NOW - 5 * DAY  # Tuesday, 11:00
    return create_request(
        **{
            "received_at": received,
            "status": "answered",
            "answered_at": received + after,
            "answered_in_time": in_time,
            "reply_due_at": received + DAY,
            **changes,
        }
    )


def _whole() -> statistics.Tally:
    """Of the last thirty days."""
    whole = statistics.Tally()
    for one in statistics.came(ConsultationRequest.objects.all(), LAST_DAYS, clocks=CLOCKS):
        whole.add(one)
    return whole


# --- Numbers ----------------------------------------------------------------------------------------------


def test_time_to_first_reply_is_working_time() -> None:
    for hours in (1, 2, 3, 4, 24):
        _answered(hours * HOUR)
    whole = _whole()
    assert (whole.answered, whole.median, whole.ninetieth) == (5, 3 * HOUR, 8 * HOUR)


def test_share_kept_counts_late_ones_that_still_wait() -> None:
    _answered(HOUR)
    _answered(HOUR)
    _answered(30 * HOUR, in_time=False)
    late = {"received_at": NOW - 5 * DAY, "reply_due_at": NOW - 4 * DAY}
    create_request(**late)
    create_request()  # has time left: nothing is decided
    create_request(**late, status="waiting", waiting_since=NOW - 5 * DAY)  # it is the patient's turn
    create_request(**late, status="suspected", suspected_because="links")
    whole = _whole()
    assert (whole.received, whole.kept, whole.missed, whole.share_kept) == (6, 2, 2, 50)


def test_closing_as_answered_counts_as_an_answer(coordinator: User) -> None:
    in_time, late = create_request(), create_request(received_at=NOW - 3 * DAY, reply_due_at=NOW - DAY)
    for request in (in_time, late):
        request.take(by=coordinator, now=NOW)
        request.close(reason="answered", by=coordinator, now=NOW + HOUR)
    whole = _whole()
    assert (whole.answered, whole.kept, whole.missed) == (2, 1, 1)


@pytest.mark.parametrize(("reason", "missed"), [("not_ours", 1), ("no_reply", 1), ("duplicate", 0)])
def test_late_request_that_is_closed_unanswered_stays_missed(
    coordinator: User, reason: str, missed: int
) -> None:
    late = create_request(received_at=NOW - 3 * DAY, reply_due_at=NOW - DAY)
    late.take(by=coordinator, now=NOW)
    late.close(reason=reason, by=coordinator, now=NOW)
    assert (_whole().answered, _whole().missed) == (0, missed)
    late.reopen(by=coordinator, now=NOW, due=NOW + DAY)
    late.answer(by=coordinator, now=NOW + HOUR)  # within the new promise, not within the first one
    assert (_whole().answered, _whole().missed) == (1, missed)


def test_request_whose_patient_never_replied_is_not_missed(coordinator: User) -> None:
    request = create_request(received_at=NOW - 3 * DAY, reply_due_at=NOW - DAY)
    request.take(by=coordinator, now=NOW - 2 * DAY)
    request.wait(by=coordinator, now=NOW - 2 * DAY)
    request.close(reason="no_reply", by=coordinator, now=NOW)
    assert (_whole().received, _whole().missed) == (1, 0)


@pytest.mark.parametrize("step", ["wait", "ask"])
def test_waiting_for_the_patient_does_not_mend_a_broken_promise(coordinator: User, step: str) -> None:
    late = create_request(received_at=NOW - 3 * DAY, reply_due_at=NOW - DAY)
    late.take(by=coordinator, now=NOW)
    getattr(late, step)(by=coordinator, now=NOW)
    late.go_on(by=coordinator, now=NOW + 8 * HOUR, hours=WorkingTime())  # at night: due when we open
    late.answer(by=coordinator, now=NOW + 9 * HOUR)
    assert (_whole().kept, _whole().missed) == (0, 1)


def test_what_was_closed_before_is_decided_by_the_migration() -> None:
    closed = {"status": "closed", "received_at": NOW - 3 * DAY, "reply_due_at": NOW - 2 * DAY}
    late, soon = NOW - DAY, NOW - 3 * DAY + HOUR
    answered = create_request(**closed, closed_reason="answered", closed_at=soon)
    too_late = create_request(**closed, closed_reason="answered", closed_at=late)
    given_up = create_request(**closed, closed_reason="not_ours", closed_at=late)
    patient = create_request(**closed, closed_reason="no_reply", closed_at=late)
    import_module("immuno_site.consultations.migrations.0013_answered_on_closing").decide(apps, connection)
    decided = [
        (request.answered_at, request.answered_in_time)
        for request in map(again, (answered, too_late, given_up, patient))
    ]
    assert decided == [(soon, True), (late, False), (None, False), (None, None)]


def test_no_replies_give_no_numbers() -> None:
    whole = _whole()
    assert (whole.median, whole.ninetieth, whole.share_kept) == (None, None, None)


@pytest.mark.parametrize(("percent", "expected"), [(50, 2), (90, 4), (100, 4), (1, 1)])
def test_percentile_is_a_time_that_happened(percent: int, expected: int) -> None:
    times = [number * HOUR for number in (4, 1, 3, 2)]
    assert statistics.percentile(times, percent) == expected * HOUR


def test_long_list_of_cancers_ends_with_all_others() -> None:
    for number in range(12):
        for _ in range(12 - number):
            create_request(cancer=f"cancer-{number:02}")
    found = statistics.came(ConsultationRequest.objects.all(), LAST_DAYS, clocks=CLOCKS)
    cancers = statistics.ranked(statistics.counted(found, lambda one: one.cancer))
    received = [(name, tally.received) for name, tally in cancers.items()]
    assert received[0] == ("cancer-00", 12)
    assert received[-1] == ("*", 3 + 2 + 1)
    assert len(received) == statistics.OTHERS_FROM


def test_weeks_and_months_without_requests_are_there_too() -> None:
    span = Span(datetime.date(2026, 11, 1), datetime.date(2027, 1, 2))
    assert [f"{day:%a %d %b}" for day in span.weeks[:2]] == ["Sun 01 Nov", "Sun 08 Nov"]
    assert len(span.weeks) == 9
    assert [f"{day:%Y-%m}" for day in span.months] == ["2026-11", "2026-12", "2027-01"]


def test_day_and_hour_are_those_of_israel() -> None:
    create_request(
        received_at=datetime.datetime(2026, 10, 31, 22, 30, tzinfo=datetime.UTC)
    )  # half past midnight
    (one,) = statistics.came(
        ConsultationRequest.objects.all(),
        Span(datetime.date(2026, 11, 1), datetime.date(2026, 11, 1)),
        clocks=CLOCKS,
    )
    assert (one.at.hour, one.month, one.week) == (0, datetime.date(2026, 11, 1), datetime.date(2026, 11, 1))


@pytest.mark.parametrize(
    ("time", "words"),
    [
        (datetime.timedelta(minutes=59), "59 min"),
        (HOUR, "1 h"),
        (15 * HOUR, "15 h"),
        (15.5 * HOUR, "15 h 30 min"),
        (16 * HOUR, "2 working days"),
    ],
)
def test_duration_reads_as_people_say_it(time: datetime.timedelta, words: str) -> None:
    assert duration(time, day=8 * HOUR) == words


# --- Page and charts --------------------------------------------------------------------------------------


def _page(client: Client, path: str = "") -> str:
    response = client.get(f"{INBOX}dashboard/{path}")
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_dashboard_shows_now_and_a_time(as_coordinator: Client, colleague: User) -> None:
    _answered(3 * HOUR)
    late = create_request(received_at=NOW - 5 * DAY, reply_due_at=NOW - 4 * DAY)
    late.take(by=colleague, now=NOW)
    create_mail()
    html = _page(as_coordinator)
    assert 'view=late">Late</a></dt><dd>1</dd>' in html  # of everybody, not of this coordinator alone
    assert "<dd>3 h</dd>" in html
    assert "50 of 100" in html
    assert "1 letter has not left yet" in html


def test_last_month_can_be_looked_at(as_coordinator: Client) -> None:
    create_request()
    october = NOW - 30 * DAY
    create_request(received_at=october, reply_due_at=october + DAY)
    html = _page(as_coordinator, "?month=2026-10")
    assert "Requests that came in October 2026" in html
    assert "<dt>Received</dt><dd>1</dd>" in html
    assert '<option value="2025-12">' in html  # twelve of them
    assert '<option value="2025-11">' not in html
    assert "Requests that came in the last 90 days" in _page(as_coordinator, "?month=2026-13&days=x")


def test_everybody_sees_their_own_numbers_and_a_manager_all(
    as_coordinator: Client, as_manager: Client, coordinator: User, colleague: User
) -> None:
    for owner in (coordinator, colleague, colleague, None):
        create_request(owner=owner, taken_at=owner and NOW)
    people = _page(as_manager, "print/").split("By who has it")[1].split("</table>")[0]
    assert re.findall(r'<th scope="row">(\w+)</th><td>(\d)</td>', people) == [
        ("Boris", "2"), ("Ruth", "1"), ("Nobody", "1"),
    ]  # fmt: skip
    own = _page(as_coordinator, "print/").split("By who has it")[1].split("</table>")[0]
    assert re.findall(r'<th scope="row">(\w+)</th><td>(\d)</td>', own) == [("Ruth", "1")]


def test_charts_have_a_text_alternative_and_the_numbers_as_a_table(as_coordinator: Client) -> None:
    create_request(cancer="melanoma", language="ru")
    html = _page(as_coordinator)
    drawings = re.findall(r'<svg viewBox="[\d. ]+" role="img" aria-labelledby="([\w-]+)"', html)
    names = ("months", "weeks", "hours", "languages", "cancers")
    assert drawings == [f"chart-{name}-words" for name in names]
    assert "By cancer. Most: Melanoma, 1 request.</title>" in html
    assert '<th scope="row">Melanoma</th><td>1</td>' in html
    assert "style=" not in html


def test_numbers_on_paper_are_those_on_the_screen(as_coordinator: Client) -> None:
    _answered(3 * HOUR, language="he")
    _answered(30 * HOUR, in_time=False, language="ar")
    html = _page(as_coordinator, "print/?days=30")
    assert "from 24 Oct 2026 to 22 Nov 2026" in html
    lines = [
        "All</th><td>2</td><td>2</td><td>1</td><td>1</td>",
        "עברית</th><td>1</td><td>1</td><td>1</td><td>0</td>",
    ]
    for line in (*lines, "11:00</th><td>2</td>", "Nov 2026</th><td>2</td>"):
        assert line in html


def test_numbers_for_a_spreadsheet_hold_no_health_and_leave_a_line(
    as_coordinator: Client, coordinator: User
) -> None:
    _answered(3 * HOUR, language="he", name="Canary", cancer="melanoma", owner=coordinator, taken_at=NOW)
    response = as_coordinator.get(f"{INBOX}dashboard/numbers.csv?month=2026-11")
    assert response["Content-Disposition"] == 'attachment; filename="numbers-2026-11-01-2026-11-30.csv"'
    assert "no-store" in response["Cache-Control"]
    text = response.content.decode("utf-8-sig")
    rows = {(row["by"], row["value"]): row for row in csv.DictReader(io.StringIO(text))}
    assert rows["all", ""] | {"by": "", "value": ""} == {
        "by": "", "value": "", "received": "1", "answered": "1", "in_time": "1", "missed": "0",
        "half_within_minutes": "180",
    }  # fmt: skip
    assert {by for by, _value in rows} == {"all", "months", "weeks", "hours", "people", "languages"}
    assert "anary" not in text
    assert "elanoma" not in text
    event = AccessEvent.objects.get(action="exported")
    assert (event.by, event.detail, event.reference) == (coordinator, "numbers", "")


def test_numbers_cost_the_same_whatever_came(as_manager: Client, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    people = [create_person(f"person-{number}", "Coordinator") for number in range(5)]
    for number, owner in enumerate(people * 4):
        _answered(HOUR * (number % 8 + 1), cancer=f"cancer-{number}", owner=owner, taken_at=NOW)
    with django_assert_max_num_queries(20):
        _page(as_manager)


def test_charts_speak_no_commas_in_any_language() -> None:
    chart = charts.lying("x", "X", [("a", 3), ("b", 1)], columns=("A", "B"), summary="")
    with override("ru"):
        html = render_to_string("admin/consultations/chart.html", {"chart": chart})
    assert 'width="66.7"' in html
    assert not re.findall(r'(?:x|y|width|height)="\d+,\d*"', html)


def test_dashboard_without_requests_says_so(as_coordinator: Client) -> None:
    html = _page(as_coordinator, "?days=30")
    assert html.count("None in this time.") == 6
    assert "the last 90 days" in _page(as_coordinator, "?days=-1'")


def test_bars_are_as_long_as_their_numbers() -> None:
    chart = charts.lying("x", "X", [("a", 10), ("b", 5), ("c", 0)], columns=("A", "B"), summary="")
    widths = [bar.width for bar in chart.bars]
    assert widths[0] == 2 * widths[1]
    assert widths[2] == 0
    assert max(bar.end for bar in chart.bars) < chart.width


# --- Export -----------------------------------------------------------------------------------------------


def _just_signed_in(client: Client) -> Client:
    """As allauth writes it down after the password was entered."""
    session = client.session
    record = {"method": "password", "at": time.time(), "reauthenticated": True}
    session["account_authentication_methods"] = [
        *session.get("account_authentication_methods", []), record
    ]  # fmt: skip
    session.save()
    return client


def _rows(response: object) -> list[dict[str, str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.corpus("A10")
def test_a10_export_without_permission_is_refused_and_on_record(
    as_coordinator: Client, coordinator: User
) -> None:
    for method in (as_coordinator.get, as_coordinator.post):
        assert method(EXPORT).status_code == 403
    events = list(AccessEvent.objects.values_list("action", "by", "is_allowed"))
    assert events == [("exported", coordinator.pk, False)] * 2


def test_export_asks_for_the_password_again(as_manager: Client) -> None:
    create_request()
    assert as_manager.get(EXPORT).status_code == 200
    response = as_manager.post(EXPORT)
    assert response.status_code == 302
    assert response.url.startswith("/accounts/reauthenticate/")
    assert not AccessEvent.objects.filter(action="exported").exists()


def test_export_holds_no_person_and_no_health_by_default(as_manager: Client, manager: User) -> None:
    request = create_request(name="Canary", question="Canary", cancer="melanoma", email="canary@example.org")
    response = _just_signed_in(as_manager).post(EXPORT)
    assert response["Content-Disposition"] == 'attachment; filename="requests-2026-11-22.csv"'
    assert "no-store" in response["Cache-Control"]
    (row,) = _rows(response)
    assert row["reference"] == request.reference
    assert row["received_at"] == "2026-11-22 11:00"
    assert not {"cancer", "question", "name", "email", "is_urgent"} & set(row)
    assert "anary" not in str(row)
    event = AccessEvent.objects.get()
    assert (event.action, event.by, event.detail) == ("exported", manager, "1 requests")


def test_export_with_personal_data_names_each_request_in_the_log(as_manager: Client) -> None:
    request = create_request(question="What can I do?", cancer="melanoma")
    ticked = {"with_contact": "yes", "with_health": "yes"}
    (row,) = _rows(_just_signed_in(as_manager).post(EXPORT, ticked))
    assert (row["name"], row["question"], row["cancer"]) == ("Anna", "What can I do?", "melanoma")
    logged = AccessEvent.objects.filter(action="exported").values_list("reference", "detail")
    assert set(logged) == {("", "1 requests, personal data"), (request.reference, "")}


def test_export_holds_the_requests_that_the_log_names_whatever_comes_or_changes_meanwhile(
    as_manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "AT_A_TIME", 2)
    expected = [create_request(received_at=NOW - day * DAY).reference for day in (3, 2, 1)]
    response = _just_signed_in(as_manager).post(EXPORT, {"status": "new", "with_contact": "yes"})
    ConsultationRequest.objects.filter(reference=expected[0]).update(
        status="suspected", suspected_because="links"
    )
    create_request()
    assert [row["reference"] for row in _rows(response)] == expected


def test_export_is_narrowed_by_day_and_status(as_manager: Client) -> None:
    create_request(received_at=NOW - 3 * DAY)
    wanted = create_request(received_at=NOW - DAY)
    create_request(received_at=NOW - DAY, status="suspected")
    typed = {"received_from": "2026-11-20", "received_to": "2026-11-21", "status": "new"}
    rows = _rows(_just_signed_in(as_manager).post(EXPORT, typed))
    assert [row["reference"] for row in rows] == [wanted.reference]


@pytest.mark.parametrize(
    "typed",
    [
        {"received_from": "soon"},
        {"status": "lost"},
        {"received_from": "2026-11-22", "received_to": "2026-11-01"},
    ],
)
def test_export_with_a_wrong_filter_is_refused(as_manager: Client, typed: dict[str, str]) -> None:
    assert _just_signed_in(as_manager).post(EXPORT, typed).status_code == 422
    assert not AccessEvent.objects.exists()


@pytest.mark.corpus("F22")
@pytest.mark.parametrize(
    "words",
    ["=HYPERLINK(1)", "+1", "-1", "@SUM(1)", " =1", "\u200e=1", "\uff1d1", "|cmd", "%0"],
)
def test_f22_no_cell_becomes_a_formula(words: str) -> None:
    assert csv_rows.safe_cell(words) == f"'{words}"


def _cells(words: list[str], separator: str) -> list[str]:
    """As a program that takes this separator reads our file."""
    text = "".join(csv_rows.lines(["a", "b", "c"], [words, words])).removeprefix(csv_rows.BOM)
    return [cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) for cell in row]


DANGEROUS = re.compile(r"[\s\u200e\u200f\ufeff]*[=+\-@|%\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")


@pytest.mark.corpus("F22")
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize(
    "words",
    ["I have pain;=cmd|' /C calc'!A0;thank you", "Hello\n=1+1", "a\r\n\r\n+1", "a\t=1", 'a;"=1', 'a; "" @SUM(1)',
     "a,=1", "a\u2028=1", "a;", 'a;"', ";=1"],
)  # fmt: skip
def test_f22_no_program_finds_a_formula_inside_a_cell(words: str, separator: str) -> None:
    assert [cell for cell in _cells([words, words, words], separator) if DANGEROUS.match(cell)] == []


@pytest.mark.corpus("F22")
@settings(max_examples=300, deadline=None)
@given(
    words=st.lists(
        st.text(st.sampled_from("=+-@|%\uff1d\uff0b\uff0d\uff20\t\r\n\v;,\"' \u200ea1")),
        min_size=3,
        max_size=3,
    ),
    separator=st.sampled_from(",;\t"),
)
def test_f22_whatever_is_typed_no_program_finds_a_formula(words: list[str], separator: str) -> None:
    assert [cell for cell in _cells(words, separator) if DANGEROUS.match(cell)] == []


def test_export_keeps_ordinary_words_as_they_are() -> None:
    words = "Pain, since May; worse at night. He said: 5-10 %; I hope."
    assert csv_rows.safe_cell(words) == words
    assert csv_rows.safe_cell("First line.\n\n  Second line.") == "First line. / Second line."


@pytest.mark.corpus("F22")
def test_f22_exported_words_are_text(as_manager: Client) -> None:
    create_request(name='=HYPERLINK("http://evil.example";"x")', question='a "quoted"\n=1+1')
    ticked = {"with_contact": "yes", "with_health": "yes"}
    (row,) = _rows(_just_signed_in(as_manager).post(EXPORT, ticked))
    assert row["name"].startswith("'=")
    assert row["question"] == 'a "quoted" / =1+1'


@pytest.mark.corpus("F20", "F21", "F24")
@pytest.mark.parametrize(
    "words", ["<script>alert(1)</script>", "{{7*7}}", "${jndi:x} $(id) ../../etc/passwd"]
)
def test_hostile_words_are_exported_literally(as_manager: Client, words: str) -> None:
    create_request(question=words)
    (row,) = _rows(_just_signed_in(as_manager).post(EXPORT, {"with_health": "yes"}))
    assert row["question"] == words
