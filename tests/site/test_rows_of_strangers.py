"""Who is not signed in fills no table: not by a made-up session, not by asking again and again."""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import fnmatch

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from immuno_site.accounts import sessions
from immuno_site.accounts.models import Session
from immuno_site.accounts.views import MOST_PASSKEYS_PER_HOUR
from tests.consultations.conftest import private_folder  # noqa: F401 - files need a place of their own
from tests.site.test_who_may_enter import (  # noqa: F401 - two fixtures
    address,
    addresses,
    objects,
    undrawn,
)
from tests.staff import create_staff

pytestmark = [pytest.mark.django_db, pytest.mark.longest]

INSERTED = re.compile(r'INSERT (?:OR IGNORE )?INTO "(\w+)"')
# All that a stranger's request may leave behind; each is counted per network, or one row per network and hour.
COUNTED = {
    "mfa_login_webauthn": {"accounts_session", "consultations_ratecounter"},
    "consultations:*": {"consultations_ratecounter", "consultations_progress"},
}


class Inserts:
    """The tables that something was added to."""

    def __init__(self) -> None:
        self.tables: set[str] = set()

    def __call__(self, execute: Callable, sql: str, params: object, many: bool, context: dict) -> object:
        self.tables |= set(INSERTED.findall(sql))
        return execute(sql, params, many, context)


@pytest.mark.usefixtures("undrawn")
def test_made_up_session_adds_no_row_at_any_address(objects: dict[str, str]) -> None:  # noqa: F811
    wrong = []
    client = Client(raise_request_exception=False, headers={"accept": "application/json"})
    for name, route in addresses():
        where = address(name, route, objects)
        for query in ("", "?toolbar_off&edit", "?toolbar_on&structure&preview"):
            for ask in (client.get, client.post) if not query else (client.get,):
                client.cookies.clear()
                client.cookies.load({settings.SESSION_COOKIE_NAME: "made-up"})
                with transaction.atomic(), connection.execute_wrapper(inserts := Inserts()):
                    ask(f"{where}{query}")
                    transaction.set_rollback(True)
                allowed = set().union(*(tables for known, tables in COUNTED.items() if fnmatch(name, known)))
                if inserts.tables - allowed:
                    wrong.append(f"{name} {where}{query}: {sorted(inserts.tables)}")
    assert wrong == []


def test_passkey_sign_in_is_counted_by_network() -> None:
    answers = [
        Client().get("/accounts/second-factor/webauthn/login/", headers={"accept": "application/json"})
        for _ in range(MOST_PASSKEYS_PER_HOUR + 5)
    ]
    assert {answer.status_code for answer in answers} == {200, 429}
    assert Session.objects.count() == MOST_PASSKEYS_PER_HOUR


def test_ending_sessions_opens_nobody_elses(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    ruth, boris = create_staff("ruth"), create_staff("boris")
    browsers: list[tuple[User, Client]] = [(user, Client()) for user in (ruth, ruth, boris)]
    for user, browser in browsers:
        browser.force_login(user)
    with django_assert_num_queries(1):
        sessions.end_sessions(ruth)
    assert [Session.objects.filter(pk=browser.session.session_key).exists() for _user, browser in browsers] == [
        False, False, True,
    ]  # fmt: skip
