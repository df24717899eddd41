"""Fixtures for all tests: the real library, and the standing characters."""

from __future__ import annotations

import datetime
import fcntl
import gc
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection
from django.utils import translation
from pytest_django.plugin import blocking_manager_key

from content import prepared
from content.models import Clinician
from immuno_site import page_cache
from tests.staff import create_staff

# The database of all processes of this run, as every test finds it.
STOCK = Path(settings.DATA_DIR) / "stock.sqlite3"


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """A page in another language leaves that language behind; in a process of its own the next page changes it."""
    yield
    translation.deactivate()


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """SQLite's file lies in a folder that goes; what a colleague built is not built again."""
    return connection.vendor == "sqlite"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
) -> Iterator[Callable[[], None] | None]:
    """On SQLite one process migrates and imports; the others wait for it, and begin with a copy of its database.

    Gives the one that has to build what ends the waiting of the others.
    """
    if connection.vendor != "sqlite":
        yield None
        return
    with STOCK.with_suffix(".lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        is_built = STOCK.exists()
        if is_built:
            fcntl.flock(turn, fcntl.LOCK_UN)
            shutil.copyfile(STOCK, connection.settings_dict["TEST"]["NAME"])
        yield None if is_built else lambda: fcntl.flock(turn, fcntl.LOCK_UN)


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None,
    django_db_modify_db_settings: Callable[[], None] | None,
    django_db_blocker: object,
) -> None:
    """Every test starts from the real stock, imported once."""
    with django_db_blocker.unblock():
        if connection.vendor != "sqlite":
            load_library()
        elif django_db_modify_db_settings:
            load_library()
            keep_stock()
            django_db_modify_db_settings()


def load_library() -> None:
    call_command("import_library", verbosity=0)
    call_command("build_pages", verbosity=0)


def keep_stock() -> None:
    """A copy of the database with the stock in it: putting it back takes no time, importing takes seconds."""
    unfinished = STOCK.with_suffix(".unfinished")
    with closing(sqlite3.connect(unfinished)) as stock:
        connection.connection.backup(stock)
    unfinished.rename(STOCK)


def reload_library() -> None:
    """The stock in emptied tables."""
    prepared.forget()
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(STOCK)) as stock:
            connection.ensure_connection()
            stock.backup(connection.connection)
        ContentType.objects.clear_cache()
        return
    # Content types have new numbers now; versioning remembers the old ones.
    for versionable in apps.get_app_config("djangocms_versioning").cms_extension.versionables:
        versionable.__dict__.pop("content_types", None)
    load_library()


def _uses_database(item: pytest.Item) -> bool:
    return bool({"db", "transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))) or (
        item.get_closest_marker("django_db") is not None
    )


def _empties_tables(item: pytest.Item) -> bool:
    """A test that commits (browser, threads) leaves empty tables behind instead of rolling back."""
    marker = item.get_closest_marker("django_db")
    asked = bool(marker and (marker.kwargs.get("transaction") or marker.args[:1] == (True,)))
    return asked or bool({"live_server", "transactional_db"} & set(getattr(item, "fixturenames", ())))


def _when(item: pytest.Item) -> tuple[bool, bool]:
    """The longest files first, so that both cores end together; tests that empty tables last, so that the stock
    is put back only for them."""
    return _empties_tables(item), item.get_closest_marker("longest") is None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_when)


def pytest_collection_finish() -> None:
    """Modules and tests stay to the end: to look through them for garbage again and again took a tenth of the
    suite's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)


_tables_are_empty = False


def pytest_runtest_setup(item: pytest.Item) -> None:
    """The stock is there for every test that touches the database, whatever ran before.

    A hook, not a fixture: it has to act outside the transaction that the test will roll back.
    """
    global _tables_are_empty
    if _tables_are_empty and _uses_database(item):
        with item.config.stash[blocking_manager_key].unblock():
            reload_library()
        _tables_are_empty = False


def pytest_runtest_teardown(item: pytest.Item) -> None:
    global _tables_are_empty
    _tables_are_empty = _tables_are_empty or _empties_tables(item)


@pytest.fixture
def library(db: None) -> None:
    """Says that a test leans on the stock."""


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
    """Asks for a page twice and holds the second, warm answer to a number of queries."""

    def ask(address: str, at_most: int) -> object:
        client.get(address)
        _forget_pages()
        with django_assert_max_num_queries(at_most):
            return client.get(address)

    return ask
