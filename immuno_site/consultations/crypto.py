"""Model fields that the database holds encrypted.

Own code, because the packages for it return the ciphertext when the key is wrong, or keep state on the field
that threads share.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import NoReturn

from django.core import checks
from django.core.exceptions import FieldError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.query_utils import DeferredAttribute

from content.text.hints import HandedOn
from immuno_site.keyring import FILE_KEYS, REQUESTS, Place, Undecryptable, keyring

# The row's own random number, where its primary key is only known after it was written.
ROW = "form_id"
UNREADABLE = "(cannot be read)"


# --- The fields -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sealed:
    """A value as the database holds it. Only its row can open it, so it is no text by itself."""

    token: str

    def __str__(self) -> NoReturn:
        raise TypeError("An encrypted column is read through its row.")


def place_of(model: type[models.Model], column: str, row: object) -> Place:
    """Where a value of this column of this row belongs. The column's own name: models are renamed."""
    use = FILE_KEYS if column == "wrapped_key" else REQUESTS
    return Place(use, f"{model._meta.db_table}.{column}", "" if row is None else str(row))


def row_name(model: type[models.Model]) -> str:
    """The column that names a row for good."""
    return ROW if any(field.name == ROW for field in model._meta.concrete_fields) else model._meta.pk.name


_is_said: ContextVar[bool] = ContextVar("unreadable values are said", default=False)


@contextmanager
def unreadable_is_said() -> Iterator[None]:
    """For what people look at: a value that no key opens says so, and the rest of the page goes on.

    Never around what writes or sends: there it is an error.
    """
    before = _is_said.set(True)
    try:
        yield
    finally:
        _is_said.reset(before)


class OpenedWhenRead(DeferredAttribute):
    """Decrypts when somebody looks, not when the row is loaded: a value that nobody looks at harms nobody,
    also if it cannot be opened."""

    field: EncryptedTextField

    def __get__(self, instance: models.Model | None, cls: type[models.Model] | None = None) -> object:
        value = super().__get__(instance, cls)
        if instance is not None and isinstance(value, Sealed):
            try:
                value = instance.__dict__[self.field.attname] = self.field.opened(value, instance)
            except Undecryptable:
                if not _is_said.get():
                    raise
                return self.field.unreadable()
        return value

    def __set__(self, instance: models.Model, value: object) -> None:
        instance.__dict__[self.field.attname] = value


def is_unreadable(row: models.Model) -> bool:
    """Does this row hold a value that no key opens?"""
    before = _is_said.set(False)
    try:
        for field in row._meta.concrete_fields:
            if isinstance(field, EncryptedTextField):
                getattr(row, field.attname)
    except Undecryptable:
        return True
    finally:
        _is_said.reset(before)
    return False


class EncryptedTextField(models.TextField):
    """Text that the database holds encrypted. Cannot be searched or sorted; a wrong key is an error."""

    descriptor_class = OpenedWhenRead
    db_returning = False  # what was written is known

    def __init__(self, *args: HandedOn, **kwargs: HandedOn) -> None:
        if kwargs.get("blank"):
            kwargs.setdefault("default", "")
        if "default" in kwargs:
            # A column that a later release no longer knows is written by nobody, and read as empty by this one.
            kwargs.setdefault("db_default", models.Value(""))
        super().__init__(*args, **kwargs)

    def check(self, **kwargs: HandedOn) -> list[checks.CheckMessage]:
        return [*super().check(**kwargs), *self._check_row()]

    def _check_row(self) -> list[checks.CheckMessage]:
        problems: list[checks.CheckMessage] = []
        if not issubclass(self.model, SealedRow):
            problems.append(
                checks.Error(
                    "A model with encrypted columns is a SealedRow.", obj=self, id="consultations.E002"
                )
            )
        if self.model._meta.get_field(row_name(self.model)).get_internal_type() in _NUMBERED:
            problems.append(
                checks.Error(
                    "Nothing names the row before it is written.",
                    hint=f"Give the model a UUID as primary key or a UUIDField {ROW}.",
                    obj=self,
                    id="consultations.E003",
                )
            )
        return problems

    # --- Out of the database --------------------------------------------------------------------------------

    def from_db_value(self, value: str | None, expression: object, connection: object) -> Sealed | None:
        return None if value is None else Sealed(value)

    def opened(self, value: Sealed, row: models.Model) -> object:
        if not value.token:
            return self._empty()
        return self._from_text(keyring().open(value.token, self._place(row)).decode("utf-8"))

    def _empty(self) -> object:
        return ""

    def _from_text(self, text: str) -> object:
        return text

    def unreadable(self) -> object:
        """What people see in its place."""
        return UNREADABLE

    # --- Into the database ----------------------------------------------------------------------------------

    def pre_save(self, model_instance: models.Model, add: bool) -> object:
        return self.sealed(model_instance.__dict__.get(self.attname), model_instance)

    def sealed(self, value: object, row: models.Model) -> object:
        """A value as it may be written to this row. One that was not looked at stays as it is."""
        if value is None or isinstance(value, Sealed) or hasattr(value, "resolve_expression"):
            return value
        return Sealed(keyring().seal(self._to_text(value).encode("utf-8"), self._place(row)))

    def _to_text(self, value: object) -> str:
        return str(self.get_prep_value(value))

    def _place(self, row: models.Model) -> Place:
        return place_of(type(row), str(self.column), getattr(row, row_name(type(row))))

    def get_db_prep_value(
        self, value: object, connection: BaseDatabaseWrapper, prepared: bool = False
    ) -> object:
        if isinstance(value, Sealed):
            return value.token
        if value is None or value == "":
            return value
        raise TypeError(f"{self.name} is encrypted: it is written by save(), or by update() with sealed().")

    def get_lookup(self, lookup_name: str) -> NoReturn:
        raise FieldError(f"{self.name} is encrypted: it cannot be searched ({lookup_name}).")

    def get_transform(self, lookup_name: str) -> NoReturn:
        raise FieldError(f"{self.name} is encrypted: it cannot be searched ({lookup_name}).")


class EncryptedJSONField(EncryptedTextField):
    """A dict or list that the database holds encrypted."""

    # For the type checker: what is in it, the model says.
    _pyi_private_set_type: HandedOn
    _pyi_private_get_type: HandedOn

    def _empty(self) -> object:
        return self.get_default()

    def _from_text(self, text: str) -> object:
        return json.loads(text)

    def unreadable(self) -> object:
        return self._empty()

    def _to_text(self, value: object) -> str:
        return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)

    def get_prep_value(self, value: object) -> object:
        return value

    def to_python(self, value: object) -> object:
        return value


_NUMBERED = ("AutoField", "BigAutoField", "SmallAutoField")


class SealedRow(models.Model):
    """A model with encrypted columns."""

    class Meta:
        abstract = True

    def sealed(self, values: Mapping[str, object]) -> dict[str, object]:
        """These values as `update()` may write them to this row, and to no other."""
        return {name: self._sealed(name, value) for name, value in values.items()}

    def _sealed(self, name: str, value: object) -> object:
        field = self._meta.get_field(name)
        return field.sealed(value, self) if isinstance(field, EncryptedTextField) else value

    def _save_table(self, raw: bool = False, *args: HandedOn, **kwargs: HandedOn) -> bool:
        """`loaddata` writes the bare attributes; only pre_save() knows the row."""
        if raw:
            self._state.adding = False  # all else that `raw` says: look whether the row is there already
        return super()._save_table(False, *args, **kwargs)  # type: ignore[misc] # django-stubs leave it out
