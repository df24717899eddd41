"""The kinds of entry as data: what each is called, and where it stands. Everything that lists kinds asks here.

An installed app adds its own in its models module, where its models stand: addresses, admin and open data are
made once all models are known.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Kind:
    """Drug, cancer ...: all that does not need its model."""

    name: str  # in links (drug:pembrolizumab), in tables and in the names of addresses
    folder: str  # in addresses, in open data and in the library
    title: str | Promise  # of its list
    singular: str | Promise  # what a reader calls one of them
    schema_type: str = "MedicalEntity"  # what search engines take it for: a type of schema.org
    in_menu: bool = False
    title_in_menu: str | Promise = ""  # where a reader would call it otherwise
    hint_in_menu: str | Promise = ""  # half a line: what they find there
    rank: int = 100  # among equal search results, and in the foot of the page: the lowest comes first
    names_are_hard: bool = False  # nobody can avoid its names: they do not count when a text is graded


# In the order of the admin; those in the site's menu stand there in this order too.
_OURS = (
    Kind(
        "cancer", "cancers", _("Cancers"), _("Cancer"), "MedicalCondition",
        in_menu=True, title_in_menu=_("My cancer"), hint_in_menu=_("What is used, and when it is not"),
        rank=1, names_are_hard=True,
    ),
    Kind(
        "therapy", "therapies", _("Kinds of therapy"), _("Kind of therapy"), "MedicalTherapy",
        rank=2, names_are_hard=True,
    ),
    Kind(
        "drug", "drugs", _("Medicines"), _("Medicine"), "Drug",
        in_menu=True, hint_in_menu=_("By brand or by name"), rank=3, names_are_hard=True,
    ),
    Kind(
        "side-effect", "side-effects", _("Side effects"), _("Side effect"), "MedicalSignOrSymptom",
        in_menu=True, hint_in_menu=_("Signs, and how fast to act"),
        rank=4, names_are_hard=True,
    ),
    Kind("biomarker", "biomarkers", _("Biomarkers"), _("Biomarker"), "MedicalTest", rank=5),
    Kind("center", "centers", _("Treatment centers"), _("Treatment center"), "Hospital", rank=6),
)  # fmt: skip
KINDS: dict[str, Kind] = {kind.name: kind for kind in _OURS}


def add(kind: Kind) -> None:
    """One more, for its models to name."""
    KINDS[kind.name] = kind


def ranked() -> list[Kind]:
    """As search and the foot of the page order them."""
    return sorted(KINDS.values(), key=lambda kind: kind.rank)


def folders() -> dict[str, Kind]:
    return {kind.folder: kind for kind in KINDS.values()}
