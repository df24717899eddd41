"""The real library as it goes into the database and comes out: every rule holds, nothing is lost."""

import tomllib

import pytest

from content import signs
from content.models import Coverage, Indication
from content.rules import care_cards
from content.stock import files
from content.stock.files import Library
from tests.stocks import REAL

pytestmark = [pytest.mark.stock, pytest.mark.longest]


@pytest.fixture(scope="module")
def library() -> Library:
    return files.read(REAL)


def test_real_library_holds_all_rules(library):
    blocks = [finding for finding in files.findings(library) if finding.level == "block"]
    assert blocks == []


def test_every_written_medicine_says_for_each_regulator_what_was_read(library):
    """Else its table of uses would say that nobody has read anything."""
    told = {
        file.slug: [table["regulator"] for table in file.tables] for file in library.folder(Coverage.FOLDER)
    }
    for file in library.folder("drugs"):
        assert told.get(file.slug) == list(Indication.Regulator.values), file.slug


# --- Care cards


def emergencies(library: Library) -> list[tuple[str, str, tuple[str, ...]]]:
    found = []
    for file in library.files:
        if entry := files.entry_text(file):
            readers = signs.readers_of(entry.kind, entry.slug, str(entry.head.get("therapy_class", "")))
            lines = entry.lists.get("act_emergency", ())
            found += [(entry.slug, line, readers) for line in lines if "any of these signs" not in line]
    return found


def test_every_emergency_of_the_library_would_be_missed_if_it_were_put_lower(library):
    known = emergencies(library)
    assert len(known) > 200
    unknown = [
        f"{slug}: {line}"
        for slug, line, readers in known
        if not list(care_cards.too_mild({"same_day": [line]}, readers))
    ]
    assert unknown == []


def test_treatments_belong_to_groups_that_exist():
    listed = tomllib.loads(signs.SIGNS.read_text(encoding="utf-8"))
    slugs = files.read_slugs(REAL)
    assert listed["classes"].keys() == slugs["therapy"].keys()
    assert listed["medicines"].keys() <= slugs["drug"].keys()
    assert set(listed["names"]) == set(signs.groups())
    for groups in (*listed["classes"].values(), *listed["medicines"].values()):
        assert set(groups) <= set(signs.groups())
