"""The queue: sorted by who needs us first, readable without color, closed to everybody else."""

from __future__ import annotations

import datetime
import re
import time
import uuid
from collections.abc import Iterable

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from immuno_site.consultations import mail
from immuno_site.consultations.admin.seen import LIST
from immuno_site.consultations.crypto import EncryptedTextField
from immuno_site.consultations.models import (
    AccessEvent,
    ConsultationRequest,
    Coordinator,
    Feedback,
    ReplyTemplate,
)
from immuno_site.consultations.models.coordinator import MOST_VIEWS
from immuno_site.consultations.working_time import WorkingTime
from immuno_site.keyring import blind_index
from tests.consultations.conftest import create_person
from tests.consultations.factories import (
    NOW,
    create_feedback,
    create_mail,
    create_reply_template,
    create_request,
    request_values,
)
from tests.consultations.inbox import INBOX, address, again, do, listed, seen
from tests.consultations.test_attachments import create_attachment

pytestmark = [pytest.mark.django_db, pytest.mark.longest]
HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)
HOURS = WorkingTime()
ADMIN = "/admin/consultations/"
HOSTILE = [
    pytest.param("<script>alert(1)</script><img src=x onerror=alert(1)>", marks=pytest.mark.corpus("F20")),
    pytest.param("{{7*7777777}}{% debug %}", marks=pytest.mark.corpus("F21")),
    pytest.param("' OR 1=1--", marks=pytest.mark.corpus("F23")),
    pytest.param("../../etc/passwd ${jndi:ldap://x} $(id)", marks=pytest.mark.corpus("F24")),
]


def _due_in(share_left: float, **changes: object) -> ConsultationRequest:
    """A request of which so much of a working day is left; it came on the working day before."""
    due = HOURS.add(NOW, HOURS.day * share_left)
    received = NOW - datetime.timedelta(days=3)  # Thursday, 11:00: a whole working day ago
    return create_request(received_at=received, reply_due_at=due, **changes)


# --- Order and clock --------------------------------------------------------------------------------------


def test_queue_safety_first_then_time_left_then_who_waits(as_coordinator: Client, coordinator: User) -> None:
    later, sooner = _due_in(0.9), _due_in(0.2)
    urgent = _due_in(0.99, is_urgent=True)
    paused = _due_in(0.1)
    paused.take(by=coordinator, now=NOW)
    paused.wait(by=coordinator, now=NOW)
    create_request(status="suspected", suspected_because="trap")
    assert listed(as_coordinator) == [row.reference for row in (urgent, sooner, later, paused)]


@pytest.mark.parametrize(
    ("left", "words", "hint"),
    [
        (0.9, "7 h 12 min left", ""),
        (0.4, "3 h 12 min left", "half of the time is used"),
        (0.05, "24 min left", "almost out of time"),
    ],
)
def test_clock_says_in_words_what_its_color_says(
    as_coordinator: Client, left: float, words: str, hint: str
) -> None:
    received = NOW - HOURS.day * (1 - left) if left == 0.9 else NOW
    create_request(received_at=received, reply_due_at=HOURS.add(NOW, HOURS.day * left))
    if left != 0.9:  # so much of one working day is used
        ConsultationRequest.objects.update(received_at=NOW - datetime.timedelta(days=3))
    html = as_coordinator.get(INBOX).content.decode()
    assert words in html
    assert not hint or hint in html


def test_clock_of_a_late_request_counts_working_time(as_coordinator: Client) -> None:
    create_request(received_at=NOW - 9 * HOUR, reply_due_at=NOW - 90 * datetime.timedelta(minutes=1))
    assert "1 h 30 min late" in as_coordinator.get(INBOX).content.decode()


def test_clock_that_stands_still_says_so(as_coordinator: Client, coordinator: User) -> None:
    request = _due_in(0.5)
    request.take(by=coordinator, now=NOW)
    request.wait(by=coordinator, now=NOW)
    assert "Paused, 4 h left" in as_coordinator.get(INBOX).content.decode()


def test_list_names_nobody(as_coordinator: Client) -> None:
    create_request(name="Anna Canary", email="canary@example.org", question="A canary sings")
    html = as_coordinator.get(INBOX).content.decode().lower()
    assert "canary" not in html


# --- Who sees what ----------------------------------------------------------------------------------------


def test_coordinator_sees_own_and_free_requests_manager_all(
    as_coordinator: Client, as_manager: Client, coordinator: User, colleague: User
) -> None:
    free, own, other = create_request(), create_request(), create_request()
    own.take(by=coordinator, now=NOW)
    other.take(by=colleague, now=NOW)
    assert set(listed(as_coordinator)) == {free.reference, own.reference}
    assert set(listed(as_manager)) == {free.reference, own.reference, other.reference}
    assert as_coordinator.get(address(other)).status_code == 404
    assert as_manager.get(address(other)).status_code == 200


@pytest.mark.parametrize("page", ["", "dashboard/", "mine/", "export/", "{pk}/change/", "{pk}/print/"])
def test_editor_finds_nothing_and_a_visitor_the_sign_in_page(library_editor: User, page: str) -> None:
    page = INBOX + page.format(pk=create_request().pk)
    client = Client()
    assert client.get(page).url.startswith("/admin/login/")
    client.force_login(library_editor)
    assert client.get(page).status_code == 404
    assert list(AccessEvent.objects.values_list("by__username", "is_allowed")) == [("miriam", False)]


def test_pages_are_kept_by_nobody(as_coordinator: Client) -> None:
    for page in (INBOX, address(create_request())):
        assert "no-store" in as_coordinator.get(page)["Cache-Control"]


# --- Lists, filters, saved views --------------------------------------------------------------------------


def test_tabs_count_what_their_lists_show(as_coordinator: Client, coordinator: User) -> None:
    for status in ("new", "new", "read", "suspected"):
        create_request(status=status)
    create_request(status="closed", closed_reason="spam", closed_at=NOW)
    own = create_request(next_action_on=NOW.date())
    own.take(by=coordinator, now=NOW)
    response = as_coordinator.get(INBOX)
    numbers = {tab.view.name: tab.number for tab in response.context["tabs"]}
    assert numbers == {
        "queue": 4, "new": 2, "mine": 1, "covered": 0, "unowned": 3, "late": 0, "news": 0, "step": 1,
        "waiting": 0, "with_doctor": 0, "answered": None, "closed": None, "soon_erased": 0,
        "suspected": 1, "spam": None, "all": None,
    }  # fmt: skip
    for name, number in numbers.items():
        assert number is None or len(listed(as_coordinator, f"view={name}")) == number


def test_suspected_spam_is_apart_and_urgent_words_in_it_are_told(as_coordinator: Client) -> None:
    suspected = create_request(status="suspected", suspected_because="filled in 2 s", is_urgent=True)
    assert listed(as_coordinator) == []
    assert "1 suspected request has urgent words" in as_coordinator.get(INBOX).content.decode()
    assert listed(as_coordinator, "view=suspected") == [suspected.reference]


def test_filters_narrow_the_list(as_manager: Client, manager: User, coordinator: User) -> None:
    Coordinator.objects.create(user=manager, languages=["ru", "he"])
    russian = create_request(language="ru", cancer="bladder-cancer", is_urgent=True)
    english = create_request(language="en", kind="callback", country="GE")
    english.take(by=coordinator, now=NOW)
    assert listed(as_manager, "language=mine") == [russian.reference]
    assert listed(as_manager, "cancer=bladder-cancer") == [russian.reference]
    assert listed(as_manager, "urgent=on") == [russian.reference]
    assert listed(as_manager, "kind=callback") == [english.reference]
    assert listed(as_manager, "country=GE") == [english.reference]
    assert listed(as_manager, f"owner={coordinator.pk}") == [english.reference]
    assert listed(as_manager, "owner=nobody") == [russian.reference]
    assert listed(as_manager, "owner=mine") == []


@pytest.mark.parametrize(
    "query", ["view=secret", "language=xx", "owner=1%20OR%201=1", "page=x", "q=Anna", "a=b"]
)
def test_unknown_filter_changes_nothing(as_coordinator: Client, query: str) -> None:
    request = create_request()
    assert listed(as_coordinator, query) == [request.reference]


def test_saved_view_is_kept_shown_and_removed(as_coordinator: Client, coordinator: User) -> None:
    typed = {"name": "Russian, late", "query": "view=late&language=ru&q=Anna&next=//evil.example"}
    response = as_coordinator.post(f"{INBOX}mine/keep/", typed)
    assert response.url == f"{INBOX}?view=late&language=ru"
    assert Coordinator.objects.get(user=coordinator).views == [
        {"name": "Russian, late", "query": "view=late&language=ru"}
    ]
    assert 'href="?view=late&amp;language=ru">Russian, late</a>' in as_coordinator.get(INBOX).content.decode()
    as_coordinator.post(f"{INBOX}mine/forget/", {"name": "Russian, late"})
    assert Coordinator.objects.get(user=coordinator).views == []


def test_saved_view_without_a_name_or_beyond_the_limit_is_refused(
    as_coordinator: Client, coordinator: User
) -> None:
    full = [{"name": str(number), "query": ""} for number in range(MOST_VIEWS)]
    Coordinator.objects.create(user=coordinator, views=full)
    for name, reason in (("", "Give the list a name."), ("one more", "Remove one first")):
        response = as_coordinator.post(f"{INBOX}mine/keep/", {"name": name, "query": ""}, follow=True)
        assert reason in response.content.decode()
    assert Coordinator.objects.get(user=coordinator).views == full


def test_languages_are_said_by_each_coordinator(as_coordinator: Client, coordinator: User) -> None:
    assert as_coordinator.post(f"{INBOX}mine/", {"languages": ["he", "ru"]}).status_code == 302
    assert Coordinator.objects.get(user=coordinator).languages == ["he", "ru"]
    assert as_coordinator.post(f"{INBOX}mine/", {"languages": ["xx"]}).status_code == 422


def test_long_list_comes_in_pages(as_coordinator: Client) -> None:
    ConsultationRequest.objects.bulk_create(ConsultationRequest(**request_values()) for _ in range(60))
    assert len(listed(as_coordinator)) == 50
    assert len(listed(as_coordinator, "page=2")) == 10
    assert len(listed(as_coordinator, "page=99")) == 10
    assert "Page 1 of 2" in as_coordinator.get(INBOX).content.decode()


def test_list_of_what_is_done_is_leafed_through_and_not_counted(as_manager: Client) -> None:
    done = {"status": "closed", "closed_reason": "answered", "closed_at": NOW}
    ConsultationRequest.objects.bulk_create(ConsultationRequest(**request_values(**done)) for _ in range(60))
    first = as_manager.get(f"{INBOX}?view=closed").content.decode()
    assert "page=2" in first
    assert "60 requests" not in first
    assert len(listed(as_manager, "view=closed&page=2")) == 10
    assert "page=3" not in as_manager.get(f"{INBOX}?view=closed&page=2").content.decode()
    for page in ("99", "0", "x", "-1", "9999999"):
        assert len(listed(as_manager, f"view=closed&page={page}")) == 50


def test_list_of_20000_needs_few_queries_and_no_second(
    as_manager: Client, django_assert_max_num_queries: DjangoAssertNumQueries, colleague: User
) -> None:
    statuses = ("new", "read", "with_doctor", "suspected")
    _copy(create_request(), (
        {
            "reference": request_values()["reference"], "form_id": uuid.uuid4(),
            "status": statuses[number % 4], "is_urgent": number % 50 == 0,
            "owner_id": colleague.pk if number % 3 else None, "taken_at": NOW if number % 3 else None,
            "reply_due_at": NOW + datetime.timedelta(minutes=number),
        } for number in range(20_000)
    ))  # fmt: skip
    assert ConsultationRequest.objects.count() == 20_001
    as_manager.get(INBOX)
    for query in ("", "view=new&language=en", "view=suspected", "view=all&page=300"):
        with django_assert_max_num_queries(15):
            assert as_manager.get(f"{INBOX}?{query}").status_code == 200
        assert _work_of(as_manager, query) < 1


def _copy(row: ConsultationRequest, changes: Iterable[dict[str, object]]) -> None:
    """Rows like this one, with its ciphertext, which no list reads: to seal four hundred thousand fields takes long."""
    named = {field.column: field for field in row._meta.concrete_fields if not field.primary_key}
    table, columns = row._meta.db_table, ", ".join(named)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {table} WHERE id = %s", [row.pk])  # noqa: S608 - our own names
        values = dict(zip(named, cursor.fetchone(), strict=True))
        cursor.executemany(
            f"INSERT INTO {table} ({columns}) VALUES ({', '.join(['%s'] * len(named))})",  # noqa: S608
            [
                list({**values, **{name: named[name].get_db_prep_save(value, connection)
                                   for name, value in changed.items()}}.values())
                for changed in changes
            ],
        )  # fmt: skip


def _work_of(client: Client, query: str) -> float:
    """CPU seconds of our own, which a busy machine does not change. It takes a fifth of a second."""
    before = time.process_time()
    client.get(f"{INBOX}?{query}")
    return time.process_time() - before


# --- Finding one ------------------------------------------------------------------------------------------


def _find(client: Client, wanted: str) -> object:
    return client.post(f"{INBOX}find/", {"wanted": wanted})


@pytest.mark.parametrize("typed", ["IM-7K3Q-94", "im 7k3q 94", "7k3q94"])
def test_reference_is_found_as_people_type_it(as_coordinator: Client, typed: str) -> None:
    request = create_request(reference="IM-7K3Q-94")
    assert _find(as_coordinator, typed).url == address(request)


@pytest.mark.parametrize("typed", ["Anna@Example.org ", "+1 555 010 0000", "1-555-010-0000"])
def test_contact_is_found_by_its_index(as_coordinator: Client, typed: str) -> None:
    request = create_request(
        email_index=blind_index("anna@example.org"), phone_index=blind_index("15550100000")
    )
    create_request(email_index=blind_index("other@example.org"))
    assert _find(as_coordinator, typed).url == address(request)


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("972505550102", "050 555 0102"),
        ("971505550102", "050-555-0102"),
        ("971505550102", "\u202a+971 50 555 0102\u202c"),
        ("79991234567", "8 (999) 123-45-67"),
        ("97235550102", "+972 3 555 0102 ext. 7"),
        ("505550102", "050 555 0102"),  # from before numbers had to have their country code
    ],
)
def test_phone_is_found_as_people_say_it_at_home(as_coordinator: Client, stored: str, typed: str) -> None:
    request = create_request(phone_index=blind_index(stored))
    create_request(phone_index=blind_index("49301234567"))
    assert _find(as_coordinator, typed).url == address(request)


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("anna@xn--fa-hia.example", "Anna@FAß.example"),
        ("anna@xn--fa-hia.example", "anna@xn--fa-hia.example"),
        ("anna@xn--e1afmkfd.xn--p1ai", "\u200eanna@пример.рф "),
        ("anna@fass.example", "anna@faß.example"),  # as earlier releases stored it
    ],
)
def test_address_is_found_in_whatever_form(as_coordinator: Client, stored: str, typed: str) -> None:
    request = create_request(email_index=blind_index(stored))
    create_request(email_index=blind_index("anna@example.org"))
    assert _find(as_coordinator, typed).url == address(request)


def test_contact_is_shown_as_typed_and_opens_what_works(as_coordinator: Client) -> None:
    request = create_request(email="anna@xn--fa-hia.example", phone="+972 3 555 0102 ext. 7")
    html = as_coordinator.get(address(request)).content.decode()
    assert f'href="mailto:anna@xn--fa-hia.example?subject={request.reference}"' in html
    assert ">anna@faß.example<" in html
    assert 'href="tel:+97235550102;ext=7"' in html


def test_search_that_finds_several_or_none_is_a_look(as_coordinator: Client) -> None:
    for _ in range(2):
        create_request(email_index=blind_index("anna@example.org"))
    html = _find(as_coordinator, "anna@example.org").content.decode()
    assert html.count("/change/") == 2
    assert "Nothing found" in _find(as_coordinator, "nobody@example.org").content.decode()
    details = list(AccessEvent.objects.order_by("pk").values_list("action", "detail"))
    assert details == [("viewed", "search: 2 found"), ("viewed", "search: 0 found")]


@pytest.mark.parametrize("wanted", ["reference", "anna@example.org", "+1 555 010 0000"])
def test_search_says_which_colleague_has_it_until_when_away_and_nothing_more(
    as_coordinator: Client, colleague: User, manager: User, wanted: str
) -> None:
    request = create_request(
        name="Canary", question="Canary", email_index=blind_index("anna@example.org"),
        phone_index=blind_index("15550100000"),
    )  # fmt: skip
    request.take(by=colleague, now=NOW)
    wanted = request.reference if wanted == "reference" else wanted
    html = _find(as_coordinator, wanted).content.decode()
    assert f"{request.reference}: <bdi>Boris</bdi>" in html
    Coordinator.objects.of(colleague).leave(until=NOW.date() + 8 * DAY, covered_by=manager)
    html = _find(as_coordinator, wanted).content.decode()
    assert "Boris (away until 30 Nov 2026, Dana stands in)" in html
    assert address(request) not in html
    assert "Canary" not in html
    assert as_coordinator.get(address(request)).status_code == 404
    events = set(AccessEvent.objects.values_list("by__username", "detail", "reference", "is_allowed"))
    assert events == {
        ("ruth", "search: 0 found, 1 with colleagues", "", True),
        ("ruth", "", request.reference, False),  # and that they tried to open it
    }


# --- A colleague who is not there -------------------------------------------------------------------------


def _leave(person: User, cover: User | None, changes: dict[str, str] | None = None) -> HttpResponse:
    client = Client()
    client.force_login(person)
    typed = {"until": "2026-11-30", "cover": cover.pk if cover else ""}
    return client.post(f"{INBOX}mine/away/", typed | (changes or {}))


def test_open_requests_of_a_colleague_who_is_away_are_seen_and_worked_on_by_the_cover_only(
    as_coordinator: Client, as_colleague: Client, coordinator: User, colleague: User, manager: User
) -> None:
    third = create_person("tamar", "Coordinator")
    request, closed = create_request(), create_request()
    for row in (request, closed):
        row.take(by=colleague, now=NOW)
    closed.close(reason="answered", by=colleague, now=NOW)
    assert listed(as_coordinator) == []
    assert _leave(colleague, coordinator).status_code == 302
    assert listed(as_coordinator) == listed(as_coordinator, "view=covered") == [request.reference]
    assert as_coordinator.get(address(closed)).status_code == 404
    html = as_coordinator.get(address(request)).content.decode()
    assert "(away until 30 Nov 2026, Ruth stands in)" in html
    do(as_coordinator, request, "answer", words="Told her.")
    do(as_coordinator, request, "close", reason="answered")
    assert (again(request).status, again(request).owner) == ("closed", colleague)
    as_third = Client()
    as_third.force_login(third)
    assert listed(as_third, "view=all") == []
    looks = AccessEvent.objects.filter(action="viewed", reference=request.reference)
    assert [look.by for look in looks] == [coordinator]


def test_cover_ends_with_the_last_day_away(
    as_coordinator: Client, coordinator: User, colleague: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = create_request()
    request.take(by=colleague, now=NOW)
    _leave(colleague, coordinator)
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + 9 * DAY)
    as_coordinator.force_login(coordinator)
    assert listed(as_coordinator) == []


@pytest.mark.parametrize("why", ["deactivated", "without role", "away", "cover away too"])
def test_request_of_somebody_who_cannot_work_on_it_is_everybodys_and_taken_in_one_step(
    as_coordinator: Client, coordinator: User, colleague: User, manager: User, why: str
) -> None:
    request = create_request()
    request.take(by=colleague, now=NOW)
    match why:
        case "deactivated":
            User.objects.filter(pk=colleague.pk).update(is_active=False)
        case "without role":
            colleague.user_permissions.clear()
        case "away":
            Coordinator.objects.of(colleague).leave(until=NOW.date(), covered_by=None)
        case "cover away too":
            Coordinator.objects.of(colleague).leave(until=NOW.date(), covered_by=manager)
            Coordinator.objects.of(manager).leave(until=NOW.date(), covered_by=None)
    assert listed(as_coordinator) == listed(as_coordinator, "view=unowned") == [request.reference]
    do(as_coordinator, request, "take")
    assert again(request).owner == coordinator
    assert AccessEvent.objects.filter(action="changed", detail="take", by=coordinator).exists()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"cover": ""}, "Choose who looks after your requests"),
        ({"until": "2026-11-01"}, "Choose today or a later day."),
        ({"until": "soon"}, "Choose a day, like 2026-12-31."),
        ({"cover": "999999"}, "Choose a colleague from the list."),
    ],
)
def test_days_away_that_leave_patients_alone_are_refused(
    working_hours: None, coordinator: User, colleague: User, typed: dict[str, str], sentence: str
) -> None:
    response = _leave(colleague, coordinator, typed)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not Coordinator.objects.of(colleague).is_away


def test_coming_back_early_ends_the_cover(as_coordinator: Client, coordinator: User, colleague: User) -> None:
    _leave(colleague, coordinator)
    assert Coordinator.objects.of(colleague).is_away
    _leave(colleague, None, {"until": ""})
    assert not Coordinator.objects.of(colleague).is_away


def test_filter_lists_every_owner_there_is(as_manager: Client, colleague: User, library_editor: User) -> None:
    request = create_request()
    request.take(by=colleague, now=NOW)
    User.objects.filter(pk=colleague.pk).update(is_active=False)
    html = as_manager.get(INBOX).content.decode()
    assert "Boris (account deactivated)</option>" in html
    assert "miriam" not in html
    assert listed(as_manager, f"owner={colleague.pk}") == [request.reference]


@pytest.mark.corpus("F23")
def test_f23_search_takes_everything_literally(as_coordinator: Client) -> None:
    create_request()
    for wanted in ("' OR 1=1--", "%", "IM-____-__", "'; DROP TABLE x;--", "*"):
        assert "Nothing found" in _find(as_coordinator, wanted).content.decode()
    work = []
    for wanted in ("' OR 1=1--", "Anna or Boris"):
        with CaptureQueriesContext(connection) as queries:
            _find(as_coordinator, wanted)
        work.append(len(queries))
    assert work[0] == work[1]
    assert _find(as_coordinator, "").status_code == 422
    assert _find(as_coordinator, "\x00").status_code == 422


def test_search_never_stands_in_an_address(as_coordinator: Client) -> None:
    assert as_coordinator.get(f"{INBOX}find/?wanted=anna@example.org").status_code == 405


# --- Many at once -----------------------------------------------------------------------------------------


def _bulk(client: Client, step: str, *requests: ConsultationRequest, **typed: object) -> object:
    chosen = [seen(client, request, place=LIST) for request in requests]
    return client.post(f"{INBOX}bulk/", {"step": step, "chosen": chosen, **typed}, follow=True)


def test_several_are_taken_at_once(as_coordinator: Client, coordinator: User) -> None:
    requests = [create_request() for _ in range(3)]
    response = _bulk(as_coordinator, "take", *requests, query="view=new")
    assert response.redirect_chain == [(f"{INBOX}?view=new", 302)]
    assert "Take it: 3 requests." in response.content.decode()
    assert all(again(request).owner == coordinator for request in requests)
    assert AccessEvent.objects.filter(action="changed", detail="take").count() == 3


def test_suspected_ones_are_judged_at_once(as_coordinator: Client) -> None:
    spam, person = (create_request(status="suspected", suspected_because="trap") for _ in range(2))
    _bulk(as_coordinator, "spam", spam, asked="yes", sure="yes")
    _bulk(as_coordinator, "not-spam", person)
    assert (again(spam).status, again(spam).closed_reason) == ("closed", "spam")
    assert again(person).status == "new"


def test_spam_is_asked_once_for_all_that_are_chosen(as_coordinator: Client) -> None:
    spam = [create_request(status="suspected", suspected_because="trap") for _ in range(2)]
    asked = _bulk(as_coordinator, "spam", *spam, query="view=suspected")
    assert "2 requests are chosen." in asked.content.decode()
    assert "is erased in 30 days" in asked.content.decode()
    assert _bulk(as_coordinator, "spam", *spam, asked="yes").status_code == 422
    assert {again(row).status for row in spam} == {"suspected"}
    typed = {
        "chosen": asked.context["chosen"],
        "query": asked.context["query"],
        "asked": "yes",
        "sure": "yes",
    }
    answer = as_coordinator.post(f"{INBOX}bulk/", {"step": "spam", **typed})
    assert answer.url == f"{INBOX}?view=suspected"
    assert {again(row).closed_reason for row in spam} == {"spam"}


def test_changed_meanwhile_is_left_alone_and_named(as_coordinator: Client, colleague: User) -> None:
    changed, same = create_request(), create_request()
    tokens = [seen(as_coordinator, row, place=LIST) for row in (changed, same)]
    changed.flag(by=colleague, now=NOW)
    response = as_coordinator.post(f"{INBOX}bulk/", {"step": "take", "chosen": tokens}, follow=True)
    html = response.content.decode()
    assert re.search(rf"Left alone.*{changed.reference}", html)
    assert (again(changed).owner, again(same).owner.username) == (None, "ruth")


def test_bulk_refuses_what_needs_words_and_forged_choices(as_coordinator: Client) -> None:
    request = create_request()
    assert as_coordinator.post(f"{INBOX}bulk/", {"step": "close", "chosen": []}).status_code == 404
    response = as_coordinator.post(f"{INBOX}bulk/", {"step": "take", "chosen": ["1", str(request.pk)]})
    assert response.status_code == 302
    assert again(request).owner is None


# --- One request ------------------------------------------------------------------------------------------


def test_every_look_is_on_record(as_coordinator: Client, coordinator: User) -> None:
    request = create_request()
    as_coordinator.get(address(request))
    as_coordinator.get(address(request, "print"))
    events = AccessEvent.objects.order_by("pk").values_list("action", "by", "reference", "address")
    assert list(events) == [
        ("viewed", coordinator.pk, request.reference, "127.0.0.1"),
        ("printed", coordinator.pk, request.reference, "127.0.0.1"),
    ]


def test_first_look_reads_a_new_request(as_coordinator: Client) -> None:
    request = create_request()
    as_coordinator.head(address(request))
    assert again(request).status == "new"
    as_coordinator.get(address(request))
    assert again(request).status == "read"


def test_safety_script_stands_on_top_in_the_patients_language(as_coordinator: Client) -> None:
    request = create_request(is_urgent=True, language="ru")
    html = as_coordinator.get(address(request)).content.decode()
    assert "Вам нужна экстренная медицинская помощь сегодня же." in html
    assert html.index("This needs your emergency service today.") < html.index("inbox-facts")
    assert "911 (United States)" in html


def test_words_of_the_patient_are_shown_with_their_questions(as_coordinator: Client) -> None:
    request = create_request(
        question="Can it help me?",
        tests={"pd_l1": "have"},
        contact_by="email",
        country="GE",
        for_whom="relative",
    )
    html = as_coordinator.get(address(request)).content.decode()
    for words in (
        "Can it help me?",
        "I have the result",
        "By e-mail",
        "Georgia",
        "Melanoma",
        "Somebody in my family",
    ):
        assert words in html
    assert f'href="mailto:anna@example.org?subject={request.reference}"' in html
    assert "Ask the patient before you pass anything to a doctor." in html


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_stay_words(as_coordinator: Client, coordinator: User, words: str) -> None:
    fields = ConsultationRequest._meta.fields
    personal = [field.name for field in fields if type(field) is EncryptedTextField]
    assert len(personal) > 15
    request = create_request(**dict.fromkeys(personal, words))
    request.take(by=coordinator, now=NOW)
    request.plan(words=words, on=None, by=coordinator, now=NOW)
    create_reply_template(text="Hello {name}")
    pages = [as_coordinator.get(page) for page in (INBOX, address(request), address(request, "print"))]
    for response in pages:
        html = response.content.decode()
        assert response.status_code == 200
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert str(7 * 7777777) not in html  # eight digits: no reference and no clock holds them by chance
        assert 'href="javascript:' not in html
    letter = mail.letter(create_mail(reference=request.reference, recipient="anna@example.org"))
    assert words not in letter.subject + letter.body


@pytest.mark.corpus("F8")
def test_f8_right_to_left_override_is_kept_in_its_field(as_coordinator: Client) -> None:
    request = create_request(name="Anna\u202egnp.exe")
    assert "<bdi>Anna\u202egnp.exe</bdi>" in as_coordinator.get(address(request)).content.decode()


def test_files_are_listed_with_kind_size_and_scan(as_coordinator: Client) -> None:
    request = create_request()
    clean = create_attachment(request=request, name="report <1>.pdf")
    waiting = create_attachment(request=request, scan="waiting")
    html = as_coordinator.get(address(request)).content.decode()
    assert "PDF document" in html
    assert "No virus found" in html
    assert f"{INBOX}files/{request.reference}/{clean.pk}/" in html
    assert str(waiting.pk) not in html
    assert "Locked until a scan finds it clean." in html
    assert "<1>" not in html


@pytest.mark.corpus("U18")
@pytest.mark.parametrize("scan", ["waiting", "unscannable"])
def test_u18_file_is_unlocked_by_a_manager_with_a_reason(
    as_coordinator: Client, as_manager: Client, scan: str
) -> None:
    request = create_request()
    file = create_attachment(request=request, scan=scan)
    unlock = address(request, f"files/{file.pk}/unlock")
    download = f"{INBOX}files/{request.reference}/{file.pk}/"
    for method in (as_coordinator.get, as_coordinator.post):
        assert method(unlock, {"reason": "I want to"}).status_code == 404
    assert as_manager.post(unlock, {"reason": " "}).status_code == 422
    for client in (as_coordinator, as_manager):
        assert client.get(download).status_code == 404
    assert as_manager.post(unlock, {"reason": "No scanner yet"}).status_code == 302
    assert as_manager.get(download).status_code == 200
    events = AccessEvent.objects.filter(attachment=file.pk).order_by("pk")
    assert [(event.action, event.is_allowed) for event in events] == [
        ("viewed", True),  # the page with the file's name
        ("downloaded", False),
        ("downloaded", False),
        ("unlocked", True),
        ("downloaded", True),
    ]


@pytest.mark.corpus("U2")
def test_u2_infected_file_stays_locked_and_the_page_says_why(as_manager: Client) -> None:
    request = create_request()
    file = create_attachment(request=request, scan="waiting")
    file.found_infected("Eicar", now=NOW)
    html = as_manager.get(address(request)).content.decode()
    assert "Virus found" in html
    assert str(file.pk) not in html  # no link to it, and none to unlock it
    as_manager.post(address(request, f"files/{file.pk}/unlock"), {"reason": "I want to"})
    file.refresh_from_db()
    assert file.is_locked


def test_same_contact_is_suggested(as_coordinator: Client, colleague: User) -> None:
    first, second, third = (create_request(email_index="a" * 64) for _ in range(3))
    third.take(by=colleague, now=NOW)
    html = as_coordinator.get(address(first)).content.decode()
    assert f'<a href="{address(second)}">{second.reference}</a>' in html
    assert third.reference in html
    assert address(third) not in html


def test_reading_needs_few_queries(
    as_coordinator: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    request = create_request()
    as_coordinator.get(address(request))
    with django_assert_max_num_queries(30):
        as_coordinator.get(address(request))


# --- Reply templates --------------------------------------------------------------------------------------


def test_template_is_filled_in_the_patients_language(as_coordinator: Client, coordinator: User) -> None:
    create_reply_template(text="Dear {name}, about {cancer}: {cancer_page} {missing_records} {contact}")
    create_reply_template(language="he", text="שלום")
    request = create_request(name="Anna {reference}")
    request.take(by=coordinator, now=NOW)
    request.check_records(records={"imaging": "missing"}, by=coordinator, now=NOW)
    html = as_coordinator.get(address(request)).content.decode()
    words = "Dear Anna {reference}, about Melanoma: https://testserver/cancers/melanoma/ - Reports of scans"
    assert words in html
    assert "שלום" not in html


def test_stock_of_templates_has_every_occasion_in_every_language() -> None:
    call_command("load_reply_templates", verbosity=0)
    have = set(ReplyTemplate.objects.values_list("stage", "language"))
    assert have == {
        (stage, code) for stage in ReplyTemplate.Stage.values for code in ("en", "he", "ar", "ru")
    }
    ReplyTemplate.objects.filter(language="en", stage="answer").update(title="Ours", text="Ours")
    call_command("load_reply_templates", verbosity=0)
    assert ReplyTemplate.objects.get(language="en", stage="answer").text == "Ours"


def test_manager_writes_templates_coordinator_reads_them(as_manager: Client, as_coordinator: Client) -> None:
    typed = {"stage": "answer", "language": "en", "title": "Short", "text": "Dear {name}"}
    assert as_coordinator.post(f"{ADMIN}replytemplate/add/", typed).status_code == 404
    assert as_manager.post(f"{ADMIN}replytemplate/add/", typed).status_code == 302
    template = ReplyTemplate.objects.get()
    assert as_coordinator.get(f"{ADMIN}replytemplate/{template.pk}/change/").status_code == 200
    response = as_manager.post(f"{ADMIN}replytemplate/add/", typed | {"title": "Bad", "text": "{namme}"})
    assert "Nothing can be put in place of {namme}." in response.content.decode()


# --- The other rooms --------------------------------------------------------------------------------------


@pytest.mark.corpus("A11")
def test_a11_log_cannot_be_changed_through_the_admin(as_manager: Client, manager: User) -> None:
    event = AccessEvent.objects.record("viewed", by=manager, now=NOW, reference="IM-AAAA-AA")
    assert "IM-AAAA-AA" in as_manager.get(f"{ADMIN}accessevent/?q=IM-AAAA-AA").content.decode()
    change = f"{ADMIN}accessevent/{event.pk}/change/"
    assert "_save" not in as_manager.get(change).content.decode()
    assert as_manager.post(change, {"reference": "IM-XXXX-XX"}).status_code == 404
    assert as_manager.post(f"{ADMIN}accessevent/{event.pk}/delete/", {"post": "yes"}).status_code == 404
    assert as_manager.get(f"{ADMIN}accessevent/add/").status_code == 404
    assert as_manager.post(
        f"{ADMIN}accessevent/", {"action": "delete_selected", "_selected_action": [event.pk]}
    )
    assert AccessEvent.objects.get().reference == "IM-AAAA-AA"


def test_feedback_is_read_and_settled(as_coordinator: Client, coordinator: User) -> None:
    remark = create_feedback(words="The dose is hard to find <b>")
    create_feedback(words="Buy pills", suspected_because="trap")
    html = as_coordinator.get(f"{ADMIN}feedback/").content.decode()
    assert "The dose is hard to find &lt;b&gt;" in html
    assert "Buy pills" not in html
    typed = {"action": "settle", "_selected_action": [remark.pk], "index": 0}
    as_coordinator.post(f"{ADMIN}feedback/", typed)
    assert Feedback.objects.get(pk=remark.pk).done_by == coordinator
    assert AccessEvent.objects.filter(action="viewed", detail="feedback").exists()


def test_letters_show_no_recipient(as_manager: Client) -> None:
    mail = create_mail(recipient="canary@example.org")
    for page in ("", f"{mail.pk}/change/"):
        response = as_manager.get(f"{ADMIN}outgoingmail/{page}")
        assert response.status_code == 200
        assert "canary" not in response.content.decode()
