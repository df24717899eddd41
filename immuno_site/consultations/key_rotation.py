"""Brings everything stored under the newest key, so that an older one can be taken out of use.

Works on the ciphertext as it lies in the database: what is under the newest key already is left alone, so an
interrupted run is simply started again.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import models, transaction
from django.db.models.functions import Cast

from immuno_site.accounts import second_factor
from immuno_site.consultations.crypto import ROW, EncryptedTextField, place_of, row_name
from immuno_site.consultations.models import Attachment, ConsultationRequest
from immuno_site.keyring import Place, Undecryptable, keyring

Tokens = dict[Place, str]

BATCH = 200
# Files keep their own keys; only these are encrypted anew, not the files.
WRAPPED_KEYS: dict[type[models.Model], tuple[str, ...]] = {Attachment: ("wrapped_key",)}


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


def unreadable() -> list[str]:
    """Every row with something that no key opens. Looks at all there is: seconds for thousands of requests."""
    return [_name(row) for row, tokens in stored() if _has_unreadable(tokens)]


def stored() -> Iterator[tuple[models.Model, Tokens]]:
    """Every row that holds something under our keys, with its ciphertext by the place it belongs to."""
    for row in Authenticator.objects.iterator():
        yield row, _factors_of(row)
    for model, columns in sealed_columns():
        for pk, row, *tokens in _as_stored(model, columns).iterator(chunk_size=BATCH):
            yield model(pk=pk), _placed(model, columns, row, tokens)


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


# --- Rows of ours -----------------------------------------------------------------------------------------


def _as_stored(model: type[models.Model], columns: list[str]) -> models.QuerySet:
    """Primary key, what the row is bound by, and its columns as they lie there."""
    stored = {f"stored_{name}": Cast(name, models.TextField()) for name in columns}
    rows = model._base_manager.annotate(**stored).order_by("pk")
    return rows.values_list("pk", row_name(model), *stored)


def _placed(model: type[models.Model], columns: list[str], row: object, tokens: list[str | None]) -> Tokens:
    """What there is to open, by where it belongs."""
    places = [place_of(model, name, row) for name in columns]
    return {place: token for place, token in zip(places, tokens, strict=True) if token}


def _rotate_batch(model: type[models.Model], columns: list[str], *, after: object, report: Report) -> object:
    """The last row's key, or nothing if there is no row left. Locked: nobody writes to them meanwhile."""
    rows = _as_stored(model, columns).select_for_update()
    if after is not None:
        rows = rows.filter(pk__gt=after)
    last = None
    for last, row, *tokens in list(rows[:BATCH]):
        report.rows += 1
        # A note of earlier releases: from now on this number names it.
        name = row or uuid.uuid4()
        before, after_it = (_placed(model, columns, of, tokens) for of in (row, name))
        new = _renewed(before, list(after_it), model(pk=last), report)
        if new:
            values = {place.column.rpartition(".")[2]: _as_it_is(token) for place, token in new.items()}
            model._base_manager.filter(pk=last).update(**values, **({} if row else {ROW: name}))
    return last


def _as_it_is(token: str) -> models.Value:
    """As a value of its own kind: the field would refuse it."""
    return models.Value(token, output_field=models.TextField())


# --- Second factors ---------------------------------------------------------------------------------------


def _factors_of(row: Authenticator) -> Tokens:
    return {second_factor.place_of(row, name): token for name, token in second_factor.secrets_of(row).items()}


def _rotate_second_factors(report: Report) -> Iterator[None]:
    """Those of staff: a colleague must not be locked out with the old key. allauth keeps them in JSON."""
    for pk in Authenticator.objects.values_list("pk", flat=True):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().filter(pk=pk).first()
            if row is None:
                continue
            tokens = _factors_of(row)
            for place, token in _renewed(tokens, list(tokens), row, report).items():
                row.data[place.column.rpartition(".")[2]] = token
            row.save(update_fields=["data"])
        report.rows += 1
        yield


# --- Ciphertext -------------------------------------------------------------------------------------------


def _renewed(tokens: Tokens, to: list[Place], row: models.Model, report: Report) -> Tokens:
    """What has to be written, by the place it is bound to from now on."""
    new = {}
    for (place, token), goes_to in zip(tokens.items(), to, strict=True):
        try:
            plain = keyring().open(token, place)
        except Undecryptable:
            report.unreadable.append(f"{_name(row)} {place.column}")
            continue
        if place == goes_to and keyring().is_current(token, place):
            report.current += 1
        else:
            new[goes_to] = keyring().seal(plain, goes_to)
            report.rotated += 1
    return new


def _has_unreadable(tokens: Tokens) -> bool:
    for place, token in tokens.items():
        try:
            keyring().open(token, place)
        except Undecryptable:
            return True
    return False


def _name(row: models.Model) -> str:
    """Where it is, never what it is about: by its reference, if it is part of a request."""
    path = {
        "ConsultationRequest": "pk",
        "Attachment": "attachments",
        "Note": "notes",
        "Message": "messages",
        "Draft": "drafts",
        "Progress": "progresses",
    }
    related = path.get(type(row).__name__)
    requests = (
        ConsultationRequest.objects.filter(**{related: row.pk})
        if related
        else ConsultationRequest.objects.none()
    )
    reference = requests.values_list("reference", flat=True).first()
    label = f"{row._meta.label} {row.pk}"
    return f"{label} of {reference}" if reference else label
