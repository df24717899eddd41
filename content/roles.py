"""Who may do what in the library, as data with reasons. `apply_roles` makes the groups match exactly."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from content.models import BLOCKS, FACT_MODELS, content_models
from content.models.column import related

_ENTRIES = tuple(model.grouper().__name__.lower() for model in content_models().values())
_FACTS = tuple(model.__name__.lower() for model in FACT_MODELS)
_PARTS = tuple(related(model, name).__name__.lower() for model in FACT_MODELS for name in model.PARTS)
# What stands beside facts and is edited in place.
_IN_PLACE = tuple(
    related(model, column.beside).__name__.lower()
    for model in FACT_MODELS
    for column in model.COLUMNS
    if column.beside
)
_CONTENTS = tuple(model.__name__.lower() for model in content_models().values())
# Versions of each kind have permissions of their own.
_VERSIONS = ("version", "pagecontentversion", *(f"{content}version" for content in _CONTENTS))
_BLOCKS = ("cmsplugin", *(model._meta.model_name for model in BLOCKS))


def _all(models: tuple[str, ...], *actions: str) -> tuple[str, ...]:
    return tuple(f"{action}_{model}" for model in models for action in actions)


@dataclass(frozen=True)
class Role:
    """A group of the admin and why it may do what it may."""

    name: str
    reason: str
    permissions: tuple[str, ...]


ROLES = (
    Role(
        "Editor",
        "Writes entries, facts and pages and publishes what was signed off. Cannot sign off or see requests.",
        (
            *_all(_ENTRIES, "add", "change", "view"),
            *_all(_CONTENTS, "change", "view"),
            *_all((*_FACTS, *_PARTS), "add", "change", "delete", "view"),
            *_all((*_IN_PLACE, "source"), "add", "change", "view"),
            *_all(("coverage",), "add", "change", "delete", "view"),
            *_all(("bulkchange",), "add", "view"),
            *_all(("picture", "leaflet"), "add", "delete", "view"),
            # Pages are unpublished, not deleted: what readers saw stays on record.
            *_all(("page", "pagecheck"), "add", "change", "view"),
            *_all(_BLOCKS, "add", "change", "delete", "view"),
            *_all(_VERSIONS, "change", "view"),
            "publish_page", "use_structure", "change_siteprofile", "view_siteprofile", "view_signoff", "view_clinician",
            "view_askedterm",
            *_all(("siteprofiletext",), "add", "change", "delete", "view"),
        ),
    ),
    Role(
        "Clinical reviewer",
        "Reads drafts beside what changed and signs them off. Writes nothing, so that nobody checks their own text.",
        (
            "view_signoff", *_all(("page", "pagecheck", "source", "coverage", *_IN_PLACE), "view"),
            *_all(("picture", "leaflet"), "view"),
            *_all((*_ENTRIES, *_CONTENTS, *_FACTS, *_PARTS, *_BLOCKS, *_VERSIONS), "view"),
        ),
    ),
)  # fmt: skip


@transaction.atomic
def apply(roles: tuple[Role, ...] = ROLES) -> list[str]:
    """Makes every role's group hold exactly its permissions. Returns permissions that do not exist."""
    missing = []
    for role in roles:
        group, _created = Group.objects.get_or_create(name=role.name)
        permissions = Permission.objects.filter(codename__in=role.permissions)
        missing += sorted(set(role.permissions) - set(permissions.values_list("codename", flat=True)))
        group.permissions.set(permissions)
    return missing
