"""What an urgent sign must fulfil before readers are told by it how fast to act."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from content.models.column import spread
from content.models.sign import GRAVEST
from content.models.treatment_group import OF_ALL, TreatmentGroup
from content.rules.entry_text import Finding, Known
from content.rules.fact_rows import FactRow
from content.rules.sign_list import LEVELS, KnownSign, plain

EMERGENCY = "emergency"
# Words that say how fast to act: the level's to say, and nobody else's.
_SPEED = re.compile(
    r"\b(?:call now|right away|immediately|(?:the )?same day|at once|within days|emergency|ambulance|day or night"
    r"|today|next visit)\b",
    re.IGNORECASE,
)


def sign_once(row: FactRow, known: Known) -> Iterator[Finding]:
    """Of two in the list the later one is told of."""
    key = row.table.get("key")
    part = row.where.rpartition("/")[2].partition(".")[0]
    parts = [sign.body_part for sign in known.signs.signs if sign.key == key] if row.where else []
    if (part in parts[1:] and parts[0] != part) or any(other.table.get("key") == key for other in row.beside):
        yield row.finding("key", f"The sign {key!r} stands here already: a key names one sign for good.")


def sign_has_groups(row: FactRow, known: Known) -> Iterator[Finding]:
    if not mapping(row, "urgency"):
        yield row.finding(
            "urgency", "Say for which treatment groups this sign is how urgent: urgency is empty."
        )


def groups_of_sign_known(row: FactRow, known: Known) -> Iterator[Finding]:
    """Files are held to the names of groups by their form."""
    for name in ("urgency", "gravest", "qualifiers") if not row.where else ():
        for group in mapping(row, name):
            if group not in TreatmentGroup.values and group != "all":
                yield row.finding(
                    name, f"There is no treatment group {group!r}: {', '.join(TreatmentGroup.values)}."
                )


def words_have_their_group(row: FactRow, known: Known) -> Iterator[Finding]:
    """What is added for a group, its rank and the note on judgement need a level for that group."""
    urgency = spread(mapping(row, "urgency"), OF_ALL)
    if not set(urgency) <= set(TreatmentGroup.values):
        return  # one of them may be meant
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


def one_speed(row: FactRow, known: Known) -> Iterator[Finding]:
    """Whoever reads "call today" and "get help at once" in one line does not know what to do."""
    for group, said in mapping(row, "qualifiers").items():
        if found := _SPEED.search(str(said)):
            message = (
                f"{group}: take {found[0]!r} out: the level says how fast to act. "
                "What is more urgent is a sign of its own."
            )
            yield row.finding(f"qualifiers.{group}", message)._replace(at="qualifiers")


def gravest_once(row: FactRow, known: Known) -> Iterator[Finding]:
    """Of two in the list the later one is told of."""
    key, keys = str(row.table.get("key")), [sign.key for sign in known.signs.signs]
    above = keys.index(key) if row.where and key in keys else len(keys)
    urgency = spread(mapping(row, "urgency"), OF_ALL)
    for group, rank in mapping(row, "gravest").items():
        for sign in known.signs.signs[:above]:
            same_card = sign.level_in.get(group) == urgency.get(group)
            if sign.key != key and same_card and (group, rank) in sign.gravest:
                yield row.finding(
                    "gravest", f"{sign.key!r} is number {rank} in {group} already: each rank once on a card."
                )


def gravest_cannot_wait(row: FactRow, known: Known) -> Iterator[Finding]:
    urgency = spread(mapping(row, "urgency"), OF_ALL)
    gravest = mapping(row, "gravest")
    if any(rank not in range(1, GRAVEST + 1) for rank in gravest.values()):
        yield row.finding("gravest", f"The gravest of a group are number 1 to {GRAVEST}.")
    if late := [group for group in gravest if urgency.get(group) == "next_visit"]:
        yield row.finding("gravest", f"What may wait for a visit has no rank: not in {', '.join(late)}.")


def everybodys_emergency(row: FactRow, known: Known) -> Iterator[Finding]:
    urgency = spread(mapping(row, "urgency"), OF_ALL)
    other = TreatmentGroup.OTHER.value
    if all(urgency.get(group) == EMERGENCY for group in OF_ALL) and urgency.get(other) != EMERGENCY:
        message = 'An emergency in every group is one for everybody: add other = "emergency".'
        yield row.finding("urgency", message)


def lay_words_once(row: FactRow, known: Known) -> Iterator[Finding]:
    lay = row.table.get("lay")
    if twice := doubled(lay if isinstance(lay, list) else ()):
        yield row.finding("lay", f"{twice!r} stands in the lay words twice.")


def doubled(words: Iterable[object]) -> str:
    """The first of these that another says already, in whatever letters."""
    seen: set[str] = set()
    for one in map(str, words):
        if plain(one) in seen:
            return one
        seen.add(plain(one))
    return ""


def entries_known(row: FactRow, known: Known) -> Iterator[Finding]:
    """Files are held to it with all that refers to an entry."""
    for column, kind, noun in (
        ("side_effects", "side-effect", "side effect"),
        ("medicines", "drug", "medicine"),
    ):
        slugs = row.table.get(column)
        for slug in slugs if isinstance(slugs, list) and not row.where else ():
            if slug not in known.links.get(kind, ()):
                yield row.finding(column, f"There is no {noun} {slug!r}.")


def sign_in_english(row: FactRow, known: Known) -> Iterator[Finding]:
    if not row.table.get("words"):
        yield row.finding("words", "Say in English what a person notices.")


def known_sign(body_part: str, table: Mapping[str, object]) -> KnownSign:
    """A row or table as the list of signs has it, whatever is wrong with it."""

    def of(name: str) -> Mapping[str, object]:
        value = table.get(name)
        return value if isinstance(value, Mapping) else {}

    lay, pointed = table.get("lay"), table.get("side_effects")
    urgency = {group: level for group, level in of("urgency").items() if level in LEVELS}
    ranks = {group: rank for group, rank in of("gravest").items() if type(rank) is int}
    return KnownSign(
        str(table.get("key")),
        body_part,
        tuple(words for words in lay if isinstance(words, str)) if isinstance(lay, list) else (),
        tuple((group, str(level)) for group, level in spread(urgency, OF_ALL).items()),
        tuple(ranks.items()),
        tuple(slug for slug in pointed if isinstance(slug, str)) if isinstance(pointed, list) else (),
    )


def mapping(row: FactRow, name: str) -> Mapping[str, object]:
    value = row.table.get(name)
    return value if isinstance(value, Mapping) else {}
