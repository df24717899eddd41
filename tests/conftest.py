"""Fixtures for all tests: the real library, and the standing characters."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import Permission, User
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection

from content.models import Clinician, Drug
from immuno_site import page_cache


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: object) -> None:
    """Every test starts from the real stock, imported once."""
    with django_db_blocker.unblock():
        load_library()


def load_library() -> None:
    call_command("import_library", verbosity=0)


def _empties_tables(item: pytest.Item) -> bool:
    """A test that commits (browser, threads) leaves empty tables behind instead of rolling back."""
    marker = item.get_closest_marker("django_db")
    asked = bool(marker and (marker.kwargs.get("transaction") or marker.args[:1] == (True,)))
    return asked or bool({"live_server", "transactional_db"} & set(getattr(item, "fixturenames", ())))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those tests come last, so that the stock is imported anew only for them."""
    items.sort(key=_empties_tables)


@pytest.fixture(autouse=True)
def library(request: pytest.FixtureRequest) -> None:
    """The stock is there for every test that touches the database, whatever ran before."""
    if not {"db", "transactional_db", "live_server"} & set(request.fixturenames) and not (
        request.node.get_closest_marker("django_db")
    ):
        return
    request.getfixturevalue("django_db_setup")
    with request.getfixturevalue("django_db_blocker").unblock():
        if not Drug.objects.exists():
            load_library()


@pytest.fixture(autouse=True)
def empty_caches() -> Iterator[None]:
    """No page of an earlier test is served to a later one."""
    yield
    _forget_pages()


def _forget_pages() -> None:
    for name in ("default", "pages"):
        caches[name].clear()
    page_cache.generation.start_new()


# --- The standing characters ------------------------------------------------------------------------------


def _staff(username: str, *codenames: str) -> User:
    user = User.objects.create_user(
        username, f"{username}@example.org", "a long enough password", is_staff=True
    )
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return user


@pytest.fixture
def editor(db: None) -> User:
    """Writes and publishes; never signs off."""
    return User.objects.create_superuser("editor", "editor@example.org", "a long enough password")


@pytest.fixture
def reviewer(db: None) -> Clinician:
    """A clinician with an account."""
    user = _staff("reviewer", "view_signoff")
    return Clinician.objects.create(name="Test Reviewer", role="Oncologist", license_number="T-1", user=user)


@pytest.fixture
def stranger(db: None) -> User:
    """Signed in, without any permission."""
    return User.objects.create_user("stranger", "stranger@example.org", "a long enough password")


@pytest.fixture
def today() -> datetime.date:
    return datetime.date(2026, 11, 22)


@pytest.fixture
def is_sqlite(db: None) -> bool:
    return connection.vendor == "sqlite"


@pytest.fixture
def queries_of(client: object, django_assert_max_num_queries: Callable) -> Callable[[str, int], object]:
    """Asks for a page twice and holds the second, warm answer to a number of queries."""

    def ask(address: str, at_most: int) -> object:
        client.get(address)
        _forget_pages()
        with django_assert_max_num_queries(at_most):
            return client.get(address)

    return ask
