"""The records a second look needs, and what we know about each of them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

RECORDS = {
    "pathology": _("Pathology report, with immunohistochemistry"),
    "imaging": _("Reports of scans (CT, PET, MRI)"),
    "images": _("The scans themselves (DICOM)"),
    "treatments": _("Summary of treatments so far"),
    "medicines": _("List of medicines"),
    "blood": _("Recent blood tests"),
    "pd_l1": _("PD-L1"),
    "msi": _("MSI or MMR"),
    "tmb": _("TMB (tumor mutational burden)"),
    "gene_panel": _("Gene panel (NGS)"),
}


class Record(models.TextChoices):
    HAVE = "have", _("Have")
    MISSING = "missing", _("Missing")
    ILLEGIBLE = "illegible", _("Illegible")


def to_ask_for(records: dict[str, str]) -> list[str]:
    """The names of what has to come, or come again."""
    wanted = (Record.MISSING, Record.ILLEGIBLE)
    return [str(name) for key, name in RECORDS.items() if records.get(key) in wanted]


def described(records: dict[str, str]) -> list[tuple[str, str, str]]:
    """Name, state in words and state of every record that was looked at."""
    states = dict(Record.choices)
    return [
        (str(name), str(states[records[key]]), records[key])
        for key, name in RECORDS.items()
        if records.get(key) in states
    ]
