"""Fixtures for all tests: a small library (marked `stock`: the real one), and the standing characters."""

from __future__ import annotations

import datetime
import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import caches
from django.db import connection
from django.utils import translation
from pytest_django.plugin import DjangoDbBlocker, blocking_manager_key

from content.models import Clinician
from immuno_site import page_cache
from tests import stocks
from tests.staff import create_staff


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """A page in another language leaves that language behind; in a process of its own the next page changes it."""
    yield
    translation.deactivate()


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """What is there already is not built again; `stocks` makes an end of it."""
    return True


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[ExitStack]:
    """A database with tables, if one is kept. Else one process migrates: closing what this gives ends the waiting of
    the others."""
    with ExitStack() as turn:
        turn.enter_context(stocks.our_turn())
        with django_db_blocker.unblock():
            is_kept = stocks.lay_out_tables()
        if is_kept:
            turn.close()
        yield turn


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, django_db_modify_db_settings: ExitStack, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    with django_db_blocker.unblock():
        with django_db_modify_db_settings:
            stocks.keep_tables()
        stocks.stand.put()
    yield
    with django_db_blocker.unblock():
        stocks.end()


def _uses_database(item: pytest.Item) -> bool:
    return bool({"db", "transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))) or (
        item.get_closest_marker("django_db") is not None
    )


def _empties_tables(item: pytest.Item) -> bool:
    """A test that commits (browser, threads) leaves empty tables behind instead of rolling back."""
    marker = item.get_closest_marker("django_db")
    asked = bool(marker and (marker.kwargs.get("transaction") or marker.args[:1] == (True,)))
    return asked or bool({"live_server", "transactional_db"} & set(getattr(item, "fixturenames", ())))


def _library_of(item: pytest.Item) -> Path:
    return stocks.REAL if item.get_closest_marker("stock") else stocks.SMALL


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    asking = {item.path for item in items if _uses_database(item)}
    for item in items:
        if item.path not in asking:
            item.add_marker(pytest.mark.once)
    yield
    of_longest = (item.path for item in items if item.path in asking and item.get_closest_marker("longest"))
    builds = next(of_longest, None)

    def when(item: pytest.Item) -> tuple[bool, ...]:
        """While one process builds the database, the other does what needs none. Then the longest files, so that both
        end together; tests that empty tables last, so that the library is put back only for them."""
        is_longest = item.get_closest_marker("longest") is not None
        return _empties_tables(item), item.path != builds, item.path in asking, not is_longest

    items.sort(key=when)


def pytest_collection_finish() -> None:
    """Modules and tests stay to the end: to look through them for garbage again and again took a tenth of the
    suite's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> object:
    """Python keeps frames in pieces of 16 KiB, and asks the kernel for a piece whenever a call crosses an edge: in a
    loop, thousands of times a second. Below a frame that claims half of 8 MiB there is no edge."""
    hooks = session.ihook.pytest_runtestloop.get_hookimpls()
    around_it = [hook.plugin for hook in hooks if hook.wrapper or hook.hookwrapper]
    itself = session.config.pluginmanager.subset_hook_caller(
        "pytest_runtestloop", [sys.modules[__name__], *around_it]
    )
    return _with_room(itself, session=session)


def _with_room(call: Callable, **arguments: object) -> object:
    return call(**arguments)


_with_room.__code__ = _with_room.__code__.replace(co_stacksize=600_000)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """The library is there for every test that touches the database, whatever ran before.

    A hook, not a fixture: it has to act outside the transaction that the test will roll back.
    """
    stocks.stand.wanted = settings.LIBRARY = _library_of(item)
    if stocks.stand.is_open and _uses_database(item):
        with item.config.stash[blocking_manager_key].unblock():
            stocks.stand.put()


def pytest_runtest_teardown(item: pytest.Item) -> None:
    if _empties_tables(item):
        stocks.stand.held = None


@pytest.fixture
def library(db: None) -> None:
    """Says that a test leans on the library."""


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


@pytest.fixture
def editor(db: None) -> User:
    """Writes and publishes; never signs off."""
    return create_staff("editor", is_superuser=True)


@pytest.fixture
def reviewer(db: None) -> Clinician:
    """A clinician with an account."""
    user = create_staff("reviewer", "view_signoff")
    return Clinician.objects.create(name="Test Reviewer", role="Oncologist", license_number="T-1", user=user)


@pytest.fixture
def stranger(db: None) -> User:
    """Signed in, without any permission."""
    return create_staff("stranger", is_staff=False)


@pytest.fixture
def today() -> datetime.date:
    return datetime.date(2026, 11, 22)


@pytest.fixture
def is_sqlite(db: None) -> bool:
    return connection.vendor == "sqlite"


@pytest.fixture
def queries_of(client: object, django_assert_max_num_queries: Callable) -> Callable[[str, int], object]:
    """Asks for a page twice and holds the second, warm answer to a number of queries; built `after` another page,
    it finds at hand what all pages share."""

    def ask(address: str, at_most: int, *, after: str = "") -> object:
        client.get(address)
        _forget_pages()
        if after:
            client.get(after)
        with django_assert_max_num_queries(at_most):
            return client.get(address)

    return ask
