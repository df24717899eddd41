"""Brings everything stored under the newest key, so that an older one can be taken out of use.

Works on the ciphertext as it lies in the database: what is under the newest key already is left alone, so an
interrupted run is simply started again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import models, transaction
from django.db.models.functions import Cast

from immuno_site.consultations.crypto import EncryptedTextField, Undecryptable, keyring
from immuno_site.consultations.models import Attachment

BATCH = 200
# Files keep their own keys; only these are encrypted anew, not the files.
WRAPPED_KEYS = {Attachment: ("wrapped_key",)}
# Recovery codes that allauth took over from elsewhere ("migrated_codes") do not exist here.
SECOND_FACTOR_SECRETS = ("secret", "seed")


@dataclass
class Report:
    """Values brought under the newest key, values that were, and where the ones are that no key opens."""

    rows: int = 0
    rotated: int = 0
    current: int = 0
    unreadable: list[str] = field(default_factory=list)


def sealed_columns() -> Iterator[tuple[type[models.Model], list[str]]]:
    """Every model of the site that holds something under our keys, with those columns."""
    for model in apps.get_models():
        fields = model._meta.concrete_fields
        columns = [column.name for column in fields if isinstance(column, EncryptedTextField)]
        if columns := [*columns, *WRAPPED_KEYS.get(model, ())]:
            yield model, columns


def number_of_rows() -> int:
    return Authenticator.objects.count() + sum(
        model._base_manager.count() for model, _columns in sealed_columns()
    )


def rotate(report: Report) -> Iterator[None]:
    """Fills the report batch by batch; what it says then is committed."""
    yield from _rotate_second_factors(report)
    for model, columns in sealed_columns():
        last = None
        while True:
            with transaction.atomic():
                last = _rotate_batch(model, columns, after=last, report=report)
            if last is None:
                break
            yield


def _rotate_batch(model: type[models.Model], columns: list[str], *, after: object, report: Report) -> object:
    """The last row's key, or nothing if there is no row left. Locked: nobody writes to them meanwhile."""
    stored = {f"stored_{name}": Cast(name, models.TextField()) for name in columns}
    rows = model._base_manager.annotate(**stored).order_by("pk").select_for_update()
    if after is not None:
        rows = rows.filter(pk__gt=after)
    last = None
    for last, *tokens in list(rows.values_list("pk", *stored)[:BATCH]):
        report.rows += 1
        where = f"{model._meta.label} {last}"
        if new := _renewed(dict(zip(columns, tokens, strict=True)), where, report):
            model._base_manager.filter(pk=last).update(**new)
    return last


def _rotate_second_factors(report: Report) -> Iterator[None]:
    """Those of staff: a colleague must not be locked out with the old key. allauth keeps them in JSON."""
    for pk in Authenticator.objects.values_list("pk", flat=True):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().filter(pk=pk).first()
            if row is None:
                continue
            tokens = {name: row.data[name] for name in SECOND_FACTOR_SECRETS if name in row.data}
            new = _renewed(tokens, f"{row._meta.label} {pk}", report)
            row.data.update({name: value.value for name, value in new.items()})
            row.save(update_fields=["data"])
        report.rows += 1
        yield


def _renewed(tokens: dict[str, str | None], where: str, report: Report) -> dict[str, models.Value]:
    """The columns of one row that have to be written."""
    new = {}
    for name, token in tokens.items():
        try:
            renewed = keyring().rotated(token) if token else token
        except Undecryptable:
            report.unreadable.append(f"{where} {name}")
            continue
        if renewed == token:
            report.current += 1
        else:
            # As a value of its own kind: the field would encrypt it once more.
            new[name] = models.Value(renewed, output_field=models.TextField())
            report.rotated += 1
    return new
