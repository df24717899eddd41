"""What an urgent sign must fulfil before readers are told by it how fast to act."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from content.models.column import spread
from content.models.treatment_group import OF_ALL, TreatmentGroup
from content.rules.entry_text import Finding, Known
from content.rules.fact_rows import FactRow

EMERGENCY = "emergency"


def sign_once(row: FactRow, known: Known) -> Iterator[Finding]:
    key = row.table.get("key")
    if any(other.table.get("key") == key for other in row.beside):
        yield row.finding("key", f"The sign {key!r} stands here already: a key names one sign for good.")


def sign_has_groups(row: FactRow, known: Known) -> Iterator[Finding]:
    if not mapping(row, "urgency"):
        yield row.finding(
            "urgency", "Say for which treatment groups this sign is how urgent: urgency is empty."
        )


def groups_of_sign_known(row: FactRow, known: Known) -> Iterator[Finding]:
    """Files are held to the names of groups by their form; words in the tables here."""
    for name in ("urgency", "gravest", "qualifiers"):
        for group in mapping(row, name):
            if group not in TreatmentGroup.values and group != "all":
                yield row.finding(
                    name, f"There is no treatment group {group!r}: {', '.join(TreatmentGroup.values)}."
                )


def words_have_their_group(row: FactRow, known: Known) -> Iterator[Finding]:
    """What is added for a group, its rank and the note on judgement need a level for that group."""
    urgency = spread(mapping(row, "urgency"), OF_ALL)
    judged = row.table.get("by_judgement")
    beside = {
        "gravest": list(mapping(row, "gravest")),
        "qualifiers": list(mapping(row, "qualifiers")),
        "by_judgement": [] if judged == ["all"] else list(judged) if isinstance(judged, list) else [],
    }
    for name, groups in beside.items():
        for group in groups:
            if group in TreatmentGroup.values and group not in urgency:
                yield row.finding(name, f"{name} names {group!r}, for which urgency says nothing.")


def mapping(row: FactRow, name: str) -> Mapping[str, object]:
    value = row.table.get(name)
    return value if isinstance(value, Mapping) else {}
