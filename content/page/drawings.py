"""Which of the site's drawings stands beside an entry, and cancers by the part of the body where they begin."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from content import directory
from content.models import EntryContent, SideEffectContent
from content.models.cancer_type import BLOOD_CANCERS
from content.text.hints import Words


@dataclass(frozen=True)
class BodyPart:
    """Cancers that people look for in one place. `drawing` is a file in templates/drawings."""

    drawing: str
    name: Words
    cancers: tuple[str, ...]

    @property
    def picture(self) -> str:
        return f"drawings/{self.drawing}.svg"


# In the order of the list of cancers; what stands in none of them belongs to the last.
BODY_PARTS = (
    BodyPart("lungs", _("Lung and chest"), ("non-small-cell-lung-cancer", "small-cell-lung-cancer", "mesothelioma")),
    BodyPart(
        "skin",
        _("Skin and eye"),
        (
            "melanoma", "uveal-melanoma", "merkel-cell-carcinoma", "squamous-cell-skin-cancer",
            "basal-cell-skin-cancer",
        ),
    ),
    BodyPart("bladder", _("Bladder and prostate"), ("bladder-cancer", "prostate-cancer")),
    BodyPart("kidney", _("Kidney"), ("kidney-cancer",)),
    BodyPart(
        "blood",
        _("Blood and marrow"),
        BLOOD_CANCERS,
    ),
    BodyPart(
        "bowel",
        _("Bowel and digestion"),
        (
            "colorectal-cancer", "anal-cancer", "stomach-cancer", "esophageal-cancer", "liver-cancer",
            "biliary-tract-cancer", "pancreatic-cancer", "small-intestine-cancer",
        ),
    ),
    BodyPart(
        "breast",
        _("Breast, ovary, womb"),
        ("breast-cancer", "ovarian-cancer", "cervical-cancer", "endometrial-cancer"),
    ),
    BodyPart(
        "brain",
        _("Brain, nerve, head and neck"),
        ("brain-tumors", "neuroblastoma", "head-and-neck-cancer", "thyroid-cancer"),
    ),
    BodyPart("person", _("Any part of the body"), ("sarcoma", "any-solid-tumor")),
)  # fmt: skip

_OF_CANCER = {slug: part.drawing for part in BODY_PARTS for slug in part.cancers} | {
    "pancreatic-cancer": "pancreas",
    "liver-cancer": "liver-1",
}
_OF_THERAPY = {
    "bcg-therapy": "bladder",
    "car-t-cell-therapy": "cells",
    "cell-therapies": "cells",
    "t-cell-receptor-therapy": "cells",
    "til-therapy": "cells",
}
_SYSTEMS = SideEffectContent.BodySystem
_OF_BODY_SYSTEM: dict[str, str] = {
    _SYSTEMS.SKIN: "skin",
    _SYSTEMS.LUNGS: "lungs",
    _SYSTEMS.GUT: "bowel",
    _SYSTEMS.LIVER: "liver-1",
    _SYSTEMS.KIDNEYS: "kidney",
    _SYSTEMS.NERVES: "brain",
    _SYSTEMS.BLOOD: "blood",
    _SYSTEMS.BLADDER: "bladder",
}


def drawing_of(content: EntryContent) -> str:
    """The template of the drawing at the head of an entry's page."""
    slug = content.entry.slug
    match content.entry.kind:
        case "cancer":
            name = _OF_CANCER.get(slug, "person")
        case "therapy":
            name = _OF_THERAPY.get(slug, "drip")
        case "drug":
            name = "drip"
        case "biomarker":
            name = "cells"
        case "side-effect":
            name = _OF_BODY_SYSTEM.get(getattr(content, "body_system", ""), "person")
        case _:
            name = "person"
    return f"drawings/{name}.svg"


def by_body_part(cancers: Iterable[directory.Listed]) -> list[tuple[BodyPart, list[directory.Listed]]]:
    """The cancers of each part, in the order the part names them."""
    listed = {cancer.slug: cancer for cancer in cancers}
    last = BODY_PARTS[-1]
    elsewhere = [cancer for slug, cancer in listed.items() if slug not in _OF_CANCER]
    parts = [
        (
            part,
            [listed[slug] for slug in part.cancers if slug in listed] + (elsewhere if part is last else []),
        )
        for part in BODY_PARTS
    ]
    return [(part, found) for part, found in parts if found]
