"""The drawings that explain something in steps: their pictures, and their words, which stay text in the page."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from content import edition
from content.models import (
    CancerTypeContent,
    DrugContent,
    EntryContent,
    TherapyClass,
    TherapyClassContent,
)
from content.text.hints import Words

_NAMES = TherapyClassContent.Diagram


@dataclass(frozen=True)
class Step:
    """One picture, a file in templates/drawings, and what happens in it."""

    drawing: str
    words: Words

    @property
    def picture(self) -> str:
        return f"drawings/{self.drawing}.svg"


@dataclass(frozen=True)
class Image:
    """A drawing of all steps in one file of static/img, in pixels; its numbers stand in the drawing."""

    file: str
    height: int
    width: int = 640


@dataclass(frozen=True)
class Diagram:
    """`seen` is what the pictures show, for whoever cannot see them; `names`, what is what in them, for whoever can.
    `sources`: keys of what its words rest on."""

    name: str
    seen: Words
    steps: tuple[Step, ...] = ()
    image: Image | None = None
    words: tuple[Words, ...] = ()  # of the steps of an image
    sources: tuple[str, ...] = ()
    names: Words = ""
    note: Words = ""

    @property
    def title(self) -> str:
        return str(_NAMES(self.name).label)


_CELLS = _("In the drawings: immune cells are round and green, cancer cells have bumps and are orange.")
_STAGES_SEEN = _(
    "Four drawings, one for each stage. The colored patch is the cancer. It grows, it reaches other places"
    " nearby, and "
    "in the last drawing it is in other parts of the body."
)
_STAGES_NOTE = _(
    "This is a simple picture, because each stage has finer steps. Ask your team for your stage and what "
    "it means for you."
)
_SPREAD = "spread"  # the same in all cancers

DIAGRAMS: dict[str, Diagram] = {
    diagram.name: diagram
    for diagram in (
        Diagram(
            _NAMES.CHECKPOINT_INHIBITOR,
            _(
                "Two drawings. First, an immune cell and a cancer cell hold on to each other and the "
                "immune cell is asleep. Second, a medicine sits between them, and the immune cell is awake and "
                "attacks the cancer cell, and a healthy cell, too."
            ),
            image=Image("img/checkpoint-inhibitor.svg", 340),
            names=_(
                "In the drawings: the immune cell is round and green, the cancer cell has bumps and is orange. "
                "The Y is the medicine, and the small cell below is a healthy one."
            ),
            words=(
                _(
                    "Your immune cells have brakes, called checkpoints. Some cancer cells press the brake."
                    " The immune cell then leaves them alone."
                ),
                _(
                    "The medicine covers the brake, or what presses it. So the immune cell can attack the cancer"
                    " cell."
                ),
                _(
                    "With the brake off, immune cells can also attack healthy parts of the body. That is "
                    "where most side effects come from."
                ),
            ),
        ),
        Diagram(
            _NAMES.CAR_T,
            _(
                "Six drawings in a row: blood is taken, cells are changed in a laboratory, cells multiply,"
                " a short course of chemotherapy, the cells go back by drip, the team watches."
            ),
            image=Image("img/car-t.svg", 400),
            words=(
                _(
                    "Staff take blood from a vein. A machine keeps the T cells, a kind of immune cell, and"
                    " gives you the rest back."
                ),
                _(
                    "A laboratory gives the T cells a new hook, called a CAR. It lets them find the "
                    "cancer cells."
                ),
                _("The changed cells are grown until there are very many. This takes weeks."),
                _("You have a few days of chemotherapy to make room for the new cells."),
                _("The cells go back into your body through a drip."),
                _(
                    "Your team watches you closely, because strong side effects can come in the first weeks."
                ),
            ),
        ),
        Diagram(
            _NAMES.BCG,
            _(
                "Three drawings of the bladder: liquid goes in through a thin tube, immune cells come to "
                "the bladder wall, the liquid is passed out with urine."
            ),
            image=Image("img/bcg.svg", 300),
            words=(
                _("A thin tube brings the BCG liquid into your bladder. BCG is a weakened germ."),
                _(
                    "You hold it in. Immune cells come to the bladder wall, and can attack cancer cells "
                    "there."
                ),
                _(
                    "You pass it with your urine. Your team tells you how to keep the toilet clean for the"
                    " next hours."
                ),
            ),
        ),
        # --- Kinds of therapy; their sources stand in the section above each drawing
        Diagram(
            _NAMES.ANTIBODY_DRUG_CONJUGATE,
            _(
                "Three drawings. An antibody with dots of poison nears a cancer cell. It holds on and the "
                "dots are in the cell. The cell falls apart."
            ),
            (
                Step(
                    "antibody-loaded",
                    _("The antibody carries a cell poison and looks for one target on the cancer cell."),
                ),
                Step(
                    "poison-arrives",
                    _("It holds on to the target, so that the poison gets into the cell."),
                ),
                Step(
                    "cell-dies",
                    _(
                        "The poison kills the cell. Healthy tissue can be hit too, because it can have the"
                        " same target."
                    ),
                ),
            ),
        ),
        Diagram(
            _NAMES.MONOCLONAL_ANTIBODY,
            _(
                "Three drawings. An antibody in the shape of a Y nears a cancer cell. Antibodies sit on "
                "the cell and an immune cell comes. An antibody covers the place where signals arrive."
            ),
            (
                Step("antibody-finds", _("An antibody fits one exact target, as a key fits its lock.")),
                Step("marked", _("Some antibodies mark the cell, so that the immune system can attack it.")),
                Step(
                    "signal-blocked", _("Others block a signal, for example one that tells the cell to grow.")
                ),
            ),
            names=_CELLS,
        ),
        Diagram(
            _NAMES.BISPECIFIC_ANTIBODY,
            _(
                "Three drawings. An antibody with two different hooks. It holds a T cell and a cancer cell"
                " side by side. The T cell attacks the cancer cell."
            ),
            (
                Step("two-hooks", _("This antibody has 2 hooks, and each fits another target.")),
                Step("held-together", _("One hook holds the cancer cell, and the other holds your T cell.")),
                Step("attack", _("The T cell wakes up and attacks, because the two are side by side.")),
            ),
            names=_CELLS,
        ),
        Diagram(
            _NAMES.CELL_THERAPY,
            _(
                "Three drawings. A drop of blood with a cell in it. Many cells in a dish. A drip bag with "
                "cells in it."
            ),
            (
                Step("blood-drop", _("T cells are collected, mostly from your own blood.")),
                Step("many-cells", _("A laboratory grows them, so that there are very many.")),
                Step("cells-in-bag", _("The cells run into a vein, to find and attack the cancer.")),
            ),
        ),
        Diagram(
            _NAMES.TIL,
            _(
                "Three drawings. Small immune cells among the cells of a tumor. Many cells in a dish. A "
                "drip bag with cells in it."
            ),
            (
                Step(
                    "tumor-with-cells",
                    _("T cells have already moved into your tumor. A surgeon takes out a piece."),
                ),
                Step("many-cells", _("A laboratory takes these T cells and grows very many.")),
                Step("cells-in-bag", _("You get them back through a vein. Their genes are not changed.")),
            ),
            names=_CELLS,
        ),
        Diagram(
            _NAMES.TCR,
            _(
                "Three drawings. A drop of blood with a T cell in it. The T cell has a new receptor. The "
                "receptor holds a cancer cell."
            ),
            (
                Step("blood-drop", _("A machine takes T cells out of your blood.")),
                Step("new-receptor", _("A laboratory gives them a new receptor, which is a kind of feeler.")),
                Step(
                    "receptor-finds",
                    _("Back in your body, they find the cancer, if its marker and your tissue type fit."),
                ),
            ),
            names=_CELLS,
        ),
        Diagram(
            _NAMES.CYTOKINE,
            _("Two drawings. Signals, drawn as dots, reach an immune cell. Two immune cells are awake."),
            (
                Step(
                    "signals", _("Cytokines are signals between immune cells. The medicine is a copy of one.")
                ),
                Step("awake", _("The signal wakes immune cells, so that they act against the cancer.")),
            ),
        ),
        Diagram(
            _NAMES.ONCOLYTIC_VIRUS,
            _(
                "Three drawings. A syringe in a lump of the skin. Viruses in a cancer cell. The cell "
                "bursts and the viruses come out."
            ),
            (
                Step("shot-into-lump", _("A weakened virus is injected straight into the lump.")),
                Step("virus-inside", _("It grows in the cancer cells, not in healthy ones.")),
                Step(
                    "cell-bursts",
                    _("The cells burst. This may also wake the immune system, but how is not known."),
                ),
            ),
        ),
        Diagram(
            _NAMES.CANCER_VACCINE,
            _(
                "Three drawings. A drop of blood with a cell in it. The cell meets a piece of a target. "
                "Immune cells attack a cancer cell."
            ),
            (
                Step("blood-drop", _("For the one product here, immune cells are taken from your blood.")),
                Step("target-shown", _("They meet a protein that shows them what to look for.")),
                Step("finished-cells-attack", _("You get them back, so that they attack the cancer.")),
            ),
            names=_CELLS,
        ),
        Diagram(
            _NAMES.IMMUNOMODULATORY_DRUG,
            _(
                "Three drawings. A capsule. A cancer cell with two bars in it, as on a pause button. Two "
                "immune cells that are awake."
            ),
            (
                Step("capsule", _("You swallow a capsule at home.")),
                Step("cancer-slowed", _("The medicine slows the cancer cells.")),
                Step("awake", _("It also wakes immune cells.")),
            ),
        ),
        Diagram(
            _NAMES.GENE_THERAPY,
            _(
                "Three drawings. The shell of a virus with a gene in it. The gene goes into a cell of the "
                "bladder wall. The wall gives off many dots of a protein."
            ),
            (
                Step("virus-with-gene", _("A virus that cannot multiply carries a gene.")),
                Step("gene-enters", _("It brings the gene into cells, here in the wall of the bladder.")),
                Step(
                    "cells-make-signal",
                    _(
                        "These cells now make interferon, which acts against the cancer."
                    ),
                ),
            ),
        ),
        Diagram(
            _NAMES.PARTNER_MEDICINE,
            _(
                "Three drawings. Dots of poison around a cell that divides. An antibody covers the place "
                "where signals arrive. Two drip bags side by side."
            ),
            (
                Step(
                    "poison-hits", _("Chemotherapy hits cells that divide fast, and healthy ones as well.")
                ),
                Step("signal-blocked", _("Other partners block a signal that the cancer needs.")),
                Step("two-bags", _("You have them together with immunotherapy, at the same visit or apart.")),
            ),
        ),
        # --- What happens to a patient
        Diagram(
            _NAMES.INFUSION_DAY,
            _(
                "Four drawings. A tube of blood. A list with ticks. A drip bag. A phone with the number to"
                " call."
            ),
            (
                Step("blood-tube", _("You have a blood test, often a day or two before.")),
                Step("asked", _("Somebody asks how you have been. Name every new symptom.")),
                Step("drip", _("You have the drip. Tell the nurse at once if you feel unwell.")),
                Step("number-at-home", _("You go home with the number to call, day and night.")),
            ),
            sources=("fda-keytruda-label", "uclh-immunotherapy"),
            note=_("With a checkpoint inhibitor, plan for up to 2 hours with all the checks."),
        ),
        Diagram(
            _NAMES.CAR_T_TIMES,
            _(
                "Six drawings. Blood is taken from an arm. A flask in a laboratory. A drip bag. A drip bag"
                " with cells. A thermometer. A house."
            ),
            (
                Step("blood-taken", _("Collecting the cells takes several hours.")),
                Step("laboratory", _("Making them takes several weeks, so you may need other treatment.")),
                Step("drip", _("A few days before the cells, you have a short chemotherapy.")),
                Step("cells-in-bag", _("The cells run in, usually in less than 1 hour.")),
                Step(
                    "watched",
                    _(
                        "US labels ask the team to watch you for at least 2 weeks, and daily in the first."
                    ),
                ),
                Step(
                    "home",
                    _(
                        "How long you stay near and do not drive differs: 2 to 4 weeks near, 2 to 8 "
                        "without driving. Follow the longest time that your team names."
                    ),
                ),
            ),
            sources=(
                "dana-farber-car-t-collection", "wustl-car-t-steps", "fda-2025-car-t-rems-ended",
                "cuh-car-t-discharge",
            ),
        ),
        Diagram(
            _NAMES.BIOPSY_TO_RESULT,
            _(
                "Six drawings. A needle in a lump. A jar. A thin slice on glass. A microscope. A plate "
                "with many small samples. A sheet with the result."
            ),
            (
                Step("needle", _("A doctor takes a small piece, often with a needle.")),
                Step("jar", _("It goes to the laboratory in a jar with your name.")),
                Step("slides", _("Staff cut it into very thin slices and color them.")),
                Step("microscope", _("A pathologist, a doctor for tissue, looks at the cells.")),
                Step("wells", _("More tests can look for markers in the cells.")),
                Step("report", _("The report goes to your team. Ask when, and who calls you.")),
            ),
            sources=("asco-after-a-biopsy",),
        ),
        # --- Stages
        Diagram(
            _NAMES.STAGES_LUNG,
            _STAGES_SEEN,
            (
                Step("lung-1", _("Stage 1: in the lung, 4 cm or smaller, not in lymph nodes.")),
                Step(
                    "lung-2",
                    _(
                        "Stage 2: of any size. It may be in lymph nodes nearby or just outside the lung."
                    ),
                ),
                Step(
                    "lung-3",
                    _(
                        "Stage 3: mostly in lymph nodes, and maybe in the airway or around the lung."
                    ),
                ),
                Step(
                    _SPREAD,
                    _(
                        "Stage 4: also in the other lung, in the fluid around lung or heart, or farther away."
                    ),
                ),
            ),
            sources=("macmillan-lung-staging",),
            note=_STAGES_NOTE,
        ),
        Diagram(
            _NAMES.STAGES_MELANOMA,
            _STAGES_SEEN,
            (
                Step("skin-1", _("Stage 1: early, and only in the skin.")),
                Step("skin-2", _("Stage 2: still only in the skin, but thicker or with a broken surface.")),
                Step("skin-3", _("Stage 3: in lymph nodes nearby, or between them and the melanoma.")),
                Step(_SPREAD, _("Stage 4: in other parts of the body.")),
            ),
            names=_(
                "In the drawings: the skin is at the top, the melanoma is the orange patch, and the "
                "circles are lymph nodes."
            ),
            sources=("cruk-melanoma-stages", "nci-melanoma-treatment"),
            note=_STAGES_NOTE,
        ),
        Diagram(
            _NAMES.STAGES_BLADDER,
            _STAGES_SEEN,
            (
                Step(
                    "bladder-1",
                    _(
                        "Not in the muscle: the cancer is in the lining, or in the layer below it."
                    ),
                ),
                Step("bladder-2", _("In the muscle: it has grown into the muscle of the bladder wall.")),
                Step(
                    "bladder-3",
                    _(
                        "Through the muscle: it has grown into the fat around it, or into organs next to it."
                    ),
                ),
                Step(_SPREAD, _("Spread: it is in other parts of the body.")),
            ),
            sources=("cruk-bladder-stages",),
            note=_STAGES_NOTE,
        ),
        Diagram(
            _NAMES.STAGES_BOWEL,
            _STAGES_SEEN,
            (
                Step("bowel-1", _("Stage 1: grown through the inner lining, or into the muscle.")),
                Step("bowel-2", _("Stage 2: in the outer wall, or in tissue or organs next to the bowel.")),
                Step("bowel-3", _("Stage 3: in lymph nodes nearby, but not farther away.")),
                Step(_SPREAD, _("Stage 4: in other parts of the body, such as the liver or lungs.")),
            ),
            sources=("cruk-bowel-stages",),
            note=_STAGES_NOTE,
        ),
        Diagram(
            _NAMES.STAGES_KIDNEY,
            _STAGES_SEEN,
            (
                Step("kidney-1", _("Stage 1: 7 cm or smaller, and only in the kidney.")),
                Step("kidney-2", _("Stage 2: larger than 7 cm, and still only in the kidney.")),
                Step("kidney-3", _("Stage 3: in fat, a large vein or a lymph node near the kidney.")),
                Step(
                    _SPREAD,
                    _(
                        "Stage 4: beyond the tissue around the kidney, or in other parts of the body."
                    ),
                ),
            ),
            sources=("ics-kidney-staging",),
            note=_STAGES_NOTE,
        ),
        Diagram(
            _NAMES.STAGES_BREAST,
            _STAGES_SEEN,
            (
                Step("breast-1", _("Stage 1: 2 cm or smaller, maybe with a tiny spot in lymph nodes nearby.")),
                Step("breast-2", _("Stage 2: in the breast, in a few lymph nodes nearby, or in both.")),
                Step("breast-3", _("Stage 3: in lymph nodes in the armpit, and maybe in others nearby.")),
                Step(_SPREAD, _("Stage 4: in other parts of the body, such as the bones, liver or lungs.")),
            ),
            sources=("breast-cancer-now-stages", "make2ndscount-breast-stages"),
            note=_STAGES_NOTE,
        ),
        Diagram(
            _NAMES.STAGES_PROSTATE,
            _STAGES_SEEN,
            (
                Step("prostate-1", _("T1: too small to be felt, or to be seen on a scan.")),
                Step("prostate-2", _("T2: larger, and still only inside the prostate.")),
                Step("prostate-3", _("T3: through its covering, maybe into the glands that make semen.")),
                Step(_SPREAD, _("T4 or spread: in organs next to it, or in other parts, such as the bones.")),
            ),
            sources=("cruk-prostate-tnm", "marie-keating-prostate-stages"),
            note=_STAGES_NOTE,
        ),
        Diagram(  # a wall with three layers, as in the bowel
            _NAMES.STAGES_STOMACH,
            _STAGES_SEEN,
            (
                Step("bowel-1", _("Stage 1: in the inner lining of the stomach, or just into the muscle.")),
                Step("bowel-2", _("Stage 2: deeper in the wall or through it, or in some lymph nodes nearby.")),
                Step("bowel-3", _("Stage 3: mostly deep in the wall or through it, and in lymph nodes nearby.")),
                Step(_SPREAD, _("Stage 4: in organs away from the stomach.")),
            ),
            sources=("irish-cancer-society-stomach-stages",),
            note=_STAGES_NOTE,
        ),
        Diagram(
            _NAMES.STAGES_LIVER,
            _STAGES_SEEN,
            (
                Step("liver-1", _("Stage 1: one tumor, and not in the blood vessels of the liver.")),
                Step("liver-2", _("Stage 2: one in a blood vessel, or several of 5 cm or smaller.")),
                Step("liver-3", _("Stage 3: several and one larger than 5 cm, in a main vessel, or in organs nearby.")),
                Step(_SPREAD, _("Stage 4: in lymph nodes, or in other parts of the body, such as the lungs.")),
            ),
            sources=("macmillan-liver-stages",),
            note=_STAGES_NOTE,
        ),
        Diagram(
            _NAMES.STAGES_WOMB,
            _STAGES_SEEN,
            (
                Step("womb-1", _("Stage 1: only in the body of the womb.")),
                Step("womb-2", _("Stage 2: grown into the neck of the womb, the cervix.")),
                Step("womb-3", _("Stage 3: outside the womb, but still within the pelvis.")),
                Step(_SPREAD, _("Stage 4: in the bladder or bowel, or in other parts of the body.")),
            ),
            sources=("cruk-womb-stages", "cruk-womb-stage-4"),
            note=_STAGES_NOTE,
        ),
    )
}  # fmt: skip

OF_CANCER = {
    "non-small-cell-lung-cancer": "stages-lung",
    "melanoma": "stages-melanoma",
    "bladder-cancer": "stages-bladder",
    "colorectal-cancer": "stages-bowel",
    "kidney-cancer": "stages-kidney",
    "breast-cancer": "stages-breast",
    "prostate-cancer": "stages-prostate",
    "stomach-cancer": "stages-stomach",
    "liver-cancer": "stages-liver",
    "endometrial-cancer": "stages-womb",
}


def of_entry(content: EntryContent) -> Diagram | None:
    """Of a therapy as its editor chose, of a medicine that of its class, of a cancer its stages."""
    match content:
        case TherapyClassContent():
            name = content.diagram
        case DrugContent(form=DrugContent.Form.FULL, therapy_class=TherapyClass(slug=slug)):
            name = _of_classes(content.language).get(slug, "")
        case CancerTypeContent():
            name = OF_CANCER.get(content.entry.slug, "")
        case _:
            name = ""
    return DIAGRAMS.get(name)


def _of_classes(language: str) -> dict[str, str]:
    rows = TherapyClassContent.objects.in_language(language)
    return edition.shared(("diagrams", language), lambda: dict(rows.values_list("entry__slug", "diagram")))
