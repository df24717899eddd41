"""Who may do what in the library, as data with reasons. `apply_roles` makes the groups match exactly."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import Group, Permission
from django.db import transaction

_ENTRIES = ("cancertype", "therapyclass", "drug", "sideeffect", "biomarker", "treatmentcenter")
_FACTS = ("indication", "sideeffectoccurrence", "glossaryterm", "question")
_PARTS = ("indicationtext", "biomarkerrequirement", "occurrencetext")
_PLUGINS = (
    "add_cmsplugin", "change_cmsplugin", "delete_cmsplugin", "use_structure",
)  # fmt: skip


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
            *_all(tuple(f"{entry}content" for entry in _ENTRIES), "change", "view"),
            *_all((*_FACTS, *_PARTS), "add", "change", "delete", "view"),
            *_all(("source", "update"), "add", "change", "view"),
            *_all(("page",), "add", "change", "view"),
            "publish_page", "change_siteprofile", "view_siteprofile", "view_signoff", "view_clinician",
            "view_version", "change_version", *_PLUGINS,
        ),
    ),
    Role(
        "Clinical reviewer",
        "Reads drafts beside what changed and signs them off. Writes nothing, so that nobody checks their own text.",
        (
            "view_signoff", "view_version", "view_page", "view_source", "view_update",
            *_all(_ENTRIES, "view"), *_all(_FACTS, "view"), *_all(tuple(f"{entry}content" for entry in _ENTRIES), "view"),
        ),
    ),
)  # fmt: skip


@transaction.atomic
def apply() -> list[str]:
    """Makes every role's group hold exactly its permissions. Returns permissions that do not exist."""
    missing = []
    for role in ROLES:
        group, _created = Group.objects.get_or_create(name=role.name)
        permissions = Permission.objects.filter(codename__in=role.permissions)
        missing += sorted(set(role.permissions) - set(permissions.values_list("codename", flat=True)))
        group.permissions.set(permissions)
    return missing
