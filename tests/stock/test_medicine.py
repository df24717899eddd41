"""What the stock says about medicines, on the real files: each promise here was once broken in them."""

import re
from collections.abc import Iterator

import pytest

from content.models.column import spread
from content.models.treatment_group import OF_ALL, TreatmentGroup
from content.stock import files
from content.stock.files import Library
from content.stock.format import LibraryFile
from content.text import prose
from tests.stocks import REAL

pytestmark = pytest.mark.stock

CHECKPOINT_CLASSES = {
    "checkpoint-inhibitors", "pd-1-inhibitors", "pd-l1-inhibitors", "ctla-4-inhibitors", "lag-3-inhibitors",
}  # fmt: skip
CAR_T = "car-t-cell-therapy"
# What the boxed warnings of the class name, and what comes with them. The first five come with every medicine of it.
CAR_T_DANGERS = (
    "cytokine-release-syndrome",
    "nerve-effects-after-cell-therapy",
    "low-antibody-levels",
    "low-blood-counts",
    "second-t-cell-cancers",
    "diarrhea-and-colitis",
    "hepatitis-b-reactivation",
    "overactive-immune-syndrome",
    "tumor-lysis-syndrome",
)
# What only the boxed warnings of some name.
BOXED = {
    "ciltacabtagene-autoleucel": {"overactive-immune-syndrome", "diarrhea-and-colitis"},
    "idecabtagene-vicleucel": {"overactive-immune-syndrome"},
}
# By treatment group: what boxed warnings of its medicines name that must be an emergency, and what a call today.
BOXED_FOR = {
    "car-t": (
        "cytokine-release-syndrome nerve-effects-after-cell-therapy overactive-immune-syndrome low-blood-counts "
        "diarrhea-and-colitis", "second-t-cell-cancers",
    ),
    "bispecific": ("cytokine-release-syndrome nerve-effects-after-cell-therapy", ""),
    "tcr-bispecific": ("cytokine-release-syndrome", ""),
    "til-il2": ("capillary-leak-syndrome infections low-blood-counts heart-inflammation kidney-inflammation", ""),
    "bcg": ("bcg-infection", ""),
    "interferon": ("low-mood-and-depression blood-clots infections", ""),
    "antibody-drug-conjugate": (
        "rare-brain-infection skin-rash-and-itching lung-inflammation liver-inflammation diarrhea-and-colitis "
        "heart-inflammation infections", "eye-inflammation",
    ),
    "anti-cd20-or-cd38": ("infusion-reactions skin-rash-and-itching hepatitis-b-reactivation rare-brain-infection", ""),
    "immunomodulatory-drug": ("blood-clots low-blood-counts", ""),
    "other": ("infusion-reactions heart-inflammation lung-inflammation", "nerve-pain skin-rash-and-itching"),
}  # fmt: skip


# By medicine: the signs of what its own boxed warning names, or where it has none, its first warning.
BOXED_SIGNS = {
    "alemtuzumab": "fever-38 bleeding-or-tiny-spots reaction-after-dose",
    "belantamab-mafodotin": "sudden-sight-loss eye-pain-with-blur blurred-sight",
    "brentuximab-vedotin": "confusion trouble-with-words loss-of-balance slow-change",
    "cetuximab": "reaction-after-dose ill-during-drip",
    "datopotamab-deruxtecan": "new-breathlessness new-cough maybe-pregnant",
    "enfortumab-vedotin": "blisters-or-peeling painful-rash",
    "gemtuzumab-ozogamicin": "pain-under-right-ribs yellow-skin-or-eyes fast-weight-gain",
    "inotuzumab-ozogamicin": "pain-under-right-ribs yellow-skin-or-eyes fast-weight-gain",
    "loncastuximab-tesirine": "fast-weight-gain new-breathlessness",
    "margetuximab": "new-breathlessness fast-weight-gain maybe-pregnant",
    "mirvetuximab-soravtansine": "sudden-sight-loss eye-pain-with-blur blurred-sight",
    "moxetumomab-pasudotox": "fast-weight-gain almost-no-urine",
    "naxitamab": "reaction-after-dose ill-during-drip numb-or-tingling",
    "necitumumab": "fainting racing-heart cramps-and-numb-lips",
    "panitumumab": "blisters-or-peeling rash-with-fever new-rash",
    "pertuzumab": "new-breathlessness fast-weight-gain maybe-pregnant",
    "polatuzumab-vedotin": "fever-38 numb-or-tingling",
    "sacituzumab-govitecan": "fever-38 diarrhea-7-or-more looser-stools",
    "tagraxofusp": "fast-weight-gain swollen-legs",
    "telisotuzumab-vedotin": "new-breathlessness numb-or-tingling",
    "tisotumab-vedotin": "sudden-sight-loss eye-pain-with-blur blurred-sight",
    "trastuzumab": "new-breathlessness fast-weight-gain reaction-after-dose maybe-pregnant",
    "trastuzumab-deruxtecan": "new-breathlessness new-cough maybe-pregnant",
    "trastuzumab-emtansine": "yellow-skin-or-eyes fast-weight-gain maybe-pregnant",
    "zanidatamab": "diarrhea-7-or-more looser-stools maybe-pregnant",
}


@pytest.fixture(scope="module")
def library() -> Library:
    return files.read(REAL)


def of_class(library: Library, *classes: str) -> list[LibraryFile]:
    """The pages of some classes of treatment, and of the medicines that belong to them."""
    therapies = [file for file in library.folder("therapies") if file.slug in classes]
    drugs = [file for file in library.folder("drugs") if file.head.get("therapy_class") in classes]
    return therapies + drugs


def body(file: LibraryFile) -> list[str]:
    """The lines of a file's text: a list item or a paragraph each."""
    return file.raw.rpartition("\n+++\n")[2].splitlines()


def uses(library: Library) -> Iterator[tuple[LibraryFile, dict]]:
    for file in library.folder("indications"):
        for row in file.tables:
            yield file, row


def test_approved_use_is_one_decision(library):
    joined = [
        f"{file.slug} {row['key']}" for file, row in uses(library) if re.search(r"\bOr\b", row["condition"])
    ]
    assert joined == []


def test_end_of_a_use_is_not_the_day_it_was_announced(library):
    told = {
        source.slug: source.head.get("published_on")
        for source in library.folder("sources")
        if not str(source.head["publisher"]).startswith("US Food and Drug Administration")
    }
    announced = [
        f"{file.slug} {row['key']}"
        for file, row in uses(library)
        if row.get("withdrawn_on") in {told.get(key) for key in row["sources"]} - {None}
    ]
    assert announced == []


def labels_by_drug(library: Library) -> dict[str, str]:
    return {key: file.slug for file in library.folder("drugs") for key in file.head.get("leaflets", [])}


def test_approved_use_cites_the_labels_of_its_own_medicine(library):
    owner = labels_by_drug(library)
    strangers = [
        f"{file.slug} {row['key']}: {key}"
        for file, row in uses(library)
        for key in row["sources"]
        if key in owner and owner[key] not in row["regimen"]
    ]
    assert strangers == []


def test_figure_of_a_medicine_cites_its_own_label_or_names_the_partner(library):
    owner = labels_by_drug(library)
    strangers = [
        f"{file.slug}: {row['context']}"
        for file in library.folder("occurrences")
        for row in file.tables
        for key in row["sources"]
        if file.head["treatment"].startswith("drug:")
        and owner.get(key, file.slug) != file.slug
        and f"with {owner[key]}" not in row["context"].lower()
    ]
    assert strangers == []


def test_donor_stem_cells_never_stand_without_their_danger(library):
    pages = of_class(library, *CHECKPOINT_CLASSES)
    lines = [
        (file.slug, line)
        for file in pages
        for line in body(file)
        if re.search(r"stem cell.* donor", line, re.IGNORECASE)
    ]
    silent = [slug for slug, line in lines if "graft-versus-host disease" not in line]
    assert silent == []
    assert {slug for slug, _line in lines} == {file.slug for file in pages}


def test_times_after_car_t_cells_name_the_stricter_rule_first(library):
    """Wherever the US rule of June 2025 stands with a number of weeks for staying near or not driving."""
    for file in library.files:
        for block in file.raw.split("\n\n"):
            weeks = re.findall(r"\b(\d+) weeks\b", block)
            if "@fda-2025-car-t-rems-ended" in block and re.search(r"\bnear\b|\bclose to\b|driv", block):
                assert not weeks or weeks[0] in ("4", "8"), f"{file.path}: {block}"


def test_car_t_pages_name_every_danger_of_the_boxed_warnings(library):
    for file in of_class(library, CAR_T):
        risks = file.sections.get("risks") or file.sections["side_effects"]
        dangers = CAR_T_DANGERS if file.folder == "therapies" else CAR_T_DANGERS[:5]
        wanted = {*dangers, *BOXED.get(file.slug, ())}
        missing = {slug for slug in wanted if f"side-effect:{slug})" not in risks}
        assert not missing, f"{file.path}: {missing}"
        assert "**Weeks to years later**" in risks, file.path


def test_every_danger_of_a_boxed_warning_has_a_sign_with_its_time(library):
    signs = [sign for file in library.folder("signs") for sign in file.tables]
    for group, by_level in BOXED_FOR.items():
        for level, dangers in zip(("emergency", "same_day"), by_level, strict=True):
            for danger in dangers.split():
                found = [
                    sign
                    for sign in signs
                    if danger in sign.get("side_effects", ()) and level_of(sign, group) == level
                ]
                assert any(sign["when"] for sign in found), f"{danger}: {level} in {group}"


def test_gravest_signs_of_a_medicine_are_those_of_its_boxed_warning(library):
    named = {file.slug: file.head.get("signs", []) for file in library.folder("drugs")}
    assert [slug for slug, keys in BOXED_SIGNS.items() if not {*keys.split()} <= {*named[slug]}] == []
    conjugates = {
        file.slug for file in of_class(library, "antibody-drug-conjugates") if file.folder == "drugs"
    }
    assert [slug for slug in conjugates if not named[slug]] == []


def test_medicine_names_as_many_signs_as_stand_open(library):
    """The emergencies first."""
    known = {sign.key: sign for sign in library.signs.signs}
    for file in (file for file in library.folder("drugs") if file.head.get("signs")):
        levels = [known[key].level_in[file.head["groups"][0]] for key in file.head["signs"]]
        calls = levels.count("same_day")
        assert levels == ["emergency"] * 5 + ["same_day"] * calls, file.slug
        assert calls <= 4, file.slug


def test_what_is_an_emergency_alone_is_one_for_every_group_that_can_have_it(library):
    """A worse form of a sign stands with all whom the milder form is told."""
    signs = {sign["key"]: sign for file in library.folder("signs") for sign in file.tables}
    for mild, grave in (
        ("steroids-missed", "steroids-missed-and-ill"),
        ("cold-sores-or-band-of-blisters", "blisters-near-eye"),
        ("belly-pain", "severe-belly-pain"),
        ("lasting-headache", "worst-headache"),
        ("less-urine", "almost-no-urine"),
    ):
        told = {group for group in TreatmentGroup.values if level_of(signs[mild], group) == "same_day"}
        assert told <= {group for group in told if level_of(signs[grave], group) == "emergency"}, grave


def level_of(sign: dict, group: str) -> str | None:
    return spread(sign["urgency"], OF_ALL).get(group)


def test_checkpoint_pages_name_the_overactive_immune_system(library):
    for file in of_class(library, *CHECKPOINT_CLASSES):
        assert "side-effect:overactive-immune-syndrome)" in "\n".join(body(file)), file.path


def test_changed_warnings_nobody_could_read_are_told(library):
    """Labels whose list of changes is newer than the text we have: the page says so."""
    for slug, source in (
        ("pembrolizumab", "fda-keytruda-label-changes"),
        ("nivolumab", "fda-opdivo-qvantig-label-changes"),
        ("atezolizumab", "fda-hybreza-label-changes"),
        ("tisagenlecleucel", "fda-kymriah-label-changes"),
    ):
        (file,) = (file for file in library.folder("drugs") if file.slug == slug)
        told = [line for line in body(file) if source in prose.citation_keys(line)]
        assert any("could not read" in line for line in told), slug
