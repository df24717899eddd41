"""Every sign by treatment group, for whoever reads the list as a clinician: one line a sign."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from content.models.column import spread
from content.models.treatment_group import EVERY, OF_ALL, TreatmentGroup
from content.stock.library import Library, texts_in

_HEADS: dict[str, str] = {
    TreatmentGroup.CHECKPOINT_INHIBITOR: "PD1",
    TreatmentGroup.CTLA_4: "CTL",
    TreatmentGroup.CAR_T: "CAR",
    TreatmentGroup.BISPECIFIC: "BIS",
    TreatmentGroup.TCR_BISPECIFIC: "TEB",
    TreatmentGroup.TIL_IL2: "TIL",
    TreatmentGroup.BCG: "BCG",
    TreatmentGroup.ONCOLYTIC_VIRUS: "VIR",
    TreatmentGroup.INTERFERON: "IFN",
    TreatmentGroup.ANTIBODY_DRUG_CONJUGATE: "ADC",
    TreatmentGroup.ANTI_CD20_OR_CD38: "C20",
    TreatmentGroup.IMMUNOMODULATORY_DRUG: "IMD",
    TreatmentGroup.WITH_CHEMOTHERAPY: "CHE",
    TreatmentGroup.OTHER: "OTH",
}
_MARKS = {"emergency": "E", "same_day": "S", "next_visit": "n"}


def lines(library: Library) -> Iterator[str]:
    """E, S or n (emergency, same day, next visit), the rank among the gravest, * where it rests on judgement."""
    yield " ".join(["sign".ljust(30), *(_HEADS[group] for group in EVERY)])
    for file in library.folder("signs"):
        yield f"# {file.slug}"
        for table in file.tables:
            yield _line(table)


def _line(table: Mapping[str, object]) -> str:
    urgency, ranks = (spread(_mapping(table, name), OF_ALL) for name in ("urgency", "gravest"))
    judged = texts_in(table.get("by_judgement"))
    cells = [
        f"{_MARKS.get(str(urgency[group]), '?')}{ranks.get(group, '')}{'*' if {group, 'all'} & {*judged} else ''}"
        if group in urgency
        else "."
        for group in EVERY
    ]
    medicines = texts_in(table.get("medicines"))
    only_with = f" [{', '.join(medicines)}]" if medicines else ""
    said = " ".join(cell.ljust(3) for cell in cells)
    return f"{str(table.get('key'))[:30]:30} {said} {table.get('words')}{only_with}"


def _mapping(table: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = table.get(name)
    return value if isinstance(value, Mapping) else {}
