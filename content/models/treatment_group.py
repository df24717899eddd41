"""Treatment groups: what a reader was given decides how fast a sign must be acted on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from content.lines import ChosenField

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class TreatmentGroup(models.TextChoices):
    """`label` for lists; `short` as a line names it: "A temperature of 38 °C or more, after CAR T-cells"; `noun` after
    "if you also have" and "if your only treatment is"."""

    CHECKPOINT_INHIBITOR = "checkpoint-inhibitor", _("Checkpoint inhibitor")
    CTLA_4 = "ctla-4", _("CTLA-4 inhibitor")
    CAR_T = "car-t", _("CAR T-cells, or similar T cells")
    BISPECIFIC = "bispecific", _("Bispecific antibody")
    TCR_BISPECIFIC = "tcr-bispecific", _("Tebentafusp")
    TIL_IL2 = "til-il2", _("Tumor-fighting cells (TIL) or interleukin-2")
    BCG = "bcg", _("BCG in the bladder")
    ONCOLYTIC_VIRUS = "oncolytic-virus", _("Virus put into the tumor")
    INTERFERON = "interferon", _("Interferon")
    ANTIBODY_DRUG_CONJUGATE = "antibody-drug-conjugate", _("Antibody that carries a cancer drug")
    ANTI_CD20_OR_CD38 = "anti-cd20-or-cd38", _("Antibody against CD20 or CD38")
    IMMUNOMODULATORY_DRUG = "immunomodulatory-drug", _("Lenalidomide and its relatives")
    WITH_CHEMOTHERAPY = "with-chemotherapy", _("Chemotherapy beside it")
    OTHER = "other", _("Any other treatment")

    @property
    def short(self) -> StrOrPromise:
        return _SHORT[self]

    @property
    def noun(self) -> StrOrPromise:
        """Empty for any other treatment, which no sentence can name."""
        return _NOUNS.get(self, "")


_SHORT: dict[str, StrOrPromise] = {
    TreatmentGroup.CHECKPOINT_INHIBITOR: _("with a checkpoint inhibitor"),
    TreatmentGroup.CTLA_4: _("with ipilimumab or tremelimumab"),
    TreatmentGroup.CAR_T: _("after CAR T-cells"),
    TreatmentGroup.BISPECIFIC: _("with a bispecific antibody"),
    TreatmentGroup.TCR_BISPECIFIC: _("with tebentafusp"),
    TreatmentGroup.TIL_IL2: _("after TIL cells or interleukin-2"),
    TreatmentGroup.BCG: _("after BCG"),
    TreatmentGroup.ONCOLYTIC_VIRUS: _("after a virus put into the tumor"),
    TreatmentGroup.INTERFERON: _("with interferon"),
    TreatmentGroup.ANTIBODY_DRUG_CONJUGATE: _("with an antibody that carries a cancer drug"),
    TreatmentGroup.ANTI_CD20_OR_CD38: _("with an antibody against CD20 or CD38"),
    TreatmentGroup.IMMUNOMODULATORY_DRUG: _("with lenalidomide, pomalidomide or thalidomide"),
    TreatmentGroup.WITH_CHEMOTHERAPY: _("if you also have chemotherapy"),
    TreatmentGroup.OTHER: _("with any other treatment"),
}

_NOUNS: dict[str, StrOrPromise] = {
    TreatmentGroup.CHECKPOINT_INHIBITOR: _("a checkpoint inhibitor"),
    TreatmentGroup.CTLA_4: _("ipilimumab or tremelimumab"),
    TreatmentGroup.CAR_T: _("CAR T-cells"),
    TreatmentGroup.BISPECIFIC: _("a bispecific antibody"),
    TreatmentGroup.TCR_BISPECIFIC: _("tebentafusp"),
    TreatmentGroup.TIL_IL2: _("TIL cells or interleukin-2"),
    TreatmentGroup.BCG: _("BCG"),
    TreatmentGroup.ONCOLYTIC_VIRUS: _("a virus put into the tumor"),
    TreatmentGroup.INTERFERON: _("interferon"),
    TreatmentGroup.ANTIBODY_DRUG_CONJUGATE: _("an antibody that carries a cancer drug"),
    TreatmentGroup.ANTI_CD20_OR_CD38: _("an antibody against CD20 or CD38"),
    TreatmentGroup.IMMUNOMODULATORY_DRUG: _("lenalidomide, pomalidomide or thalidomide"),
    TreatmentGroup.WITH_CHEMOTHERAPY: _("chemotherapy"),
}

# A group is named after these of its medicines, or after those of a class: a page that has others names those itself.
NAMED_AFTER: dict[str, frozenset[str]] = {
    TreatmentGroup.CTLA_4: frozenset({"ipilimumab", "tremelimumab"}),
    TreatmentGroup.TIL_IL2: frozenset({"lifileucel", "aldesleukin"}),
    TreatmentGroup.IMMUNOMODULATORY_DRUG: frozenset({"lenalidomide", "pomalidomide", "thalidomide"}),
}
NAMED_AFTER_CLASS: dict[str, str] = {TreatmentGroup.CAR_T: "car-t-cell-therapy"}
# Names that say little to whoever has one of their medicines: a page with few of these names them.
SAYS_LITTLE = frozenset({TreatmentGroup.ANTIBODY_DRUG_CONJUGATE, TreatmentGroup.ANTI_CD20_OR_CD38})

# Comes on top of another treatment. The other groups of a page stand for different readers of it.
ADDED = frozenset({TreatmentGroup.WITH_CHEMOTHERAPY.value})
EVERY = tuple(TreatmentGroup.values)  # which Django makes anew each time it is asked
# Every group that "all" stands for in a file; `OTHER` is always named.
OF_ALL = tuple(group for group in EVERY if group != TreatmentGroup.OTHER)


def in_order(groups: Iterable[str]) -> tuple[str, ...]:
    """As the list above has them."""
    chosen = set(groups)
    return tuple(group for group in EVERY if group in chosen)


class GroupsField(ChosenField):
    """Several treatment groups, as a list."""

    def __init__(self, verbose_name: StrOrPromise | None = None, **kwargs: Any) -> None:  # as Django's fields
        super().__init__(verbose_name, item_choices=TreatmentGroup.choices, **kwargs)


class GroupWordsField(models.JSONField):
    """A few words for some groups, by group."""

    def formfield(self, **kwargs: Any) -> forms.Field | None:  # as Django's fields
        own = {"form_class": _GroupWordsFormField, "show_hidden_initial": False}
        return models.Field.formfield(self, **{**kwargs, **own})


class _GroupWordsFormField(forms.Field):
    """A text area; each line is a group, a colon and its words."""

    widget = forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField lines"})

    def prepare_value(self, value: object) -> object:
        if isinstance(value, dict):
            return "\n".join(f"{group}: {words}" for group, words in value.items())
        return value

    def to_python(self, value: object) -> dict[str, str]:
        if isinstance(value, dict):
            return value
        said: dict[str, str] = {}
        for line in filter(str.strip, str(value or "").splitlines()):
            group, colon, words = line.partition(":")
            if not colon or not words.strip() or group.strip() not in TreatmentGroup.values:
                raise ValidationError(
                    _("Write a treatment group, a colon and the words on each line: %(line)s"),
                    params={"line": line},
                )
            said[group.strip()] = words.strip()
        return said

    def has_changed(self, initial: object, data: object) -> bool:
        try:
            return self.to_python(initial) != self.to_python(data)
        except ValidationError:
            return True
