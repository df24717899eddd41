"""The real library as it goes into the database and comes out: every rule holds, nothing is lost."""

import dataclasses
import datetime

import pytest

from content.models import Coverage, Indication
from content.models.treatment_group import OF_ALL
from content.rules import page_gate, parts
from content.rules.entry_text import EntryText
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


def emergencies(library: Library) -> list[tuple[EntryText, str]]:
    texts = [entry for file in library.files if (entry := files.entry_text(file))]
    lines = [(entry, line) for entry in texts for line in entry.lists.get("act_emergency", ())]
    return [(entry, line) for entry, line in lines if "any of these signs" not in line]


def test_every_emergency_of_the_library_would_be_missed_if_it_were_put_lower(library):
    known = emergencies(library)
    assert len(known) > 200
    all_known = files.known_to(library, today=datetime.date.today())
    unknown = [
        f"{entry.slug}: {line}"
        for entry, line in known
        if not page_gate.check(
            dataclasses.replace(entry, lists={"act_same_day": [line]}),
            all_known,
            rules=[parts.urgency_agrees],
        )
    ]
    assert unknown == []


def test_signs_of_the_library_know_every_group_by_its_gravest(library):
    ranked = {group for sign in library.signs.signs for group, _rank in sign.gravest}
    assert ranked == set(OF_ALL)
    for group in OF_ALL:
        ranks = [rank for sign in library.signs.signs for one, rank in sign.gravest if one == group]
        assert sorted(ranks) == [1, 2, 3, 4, 5]
