"""Who may do what: written once, with reasons, and in force exactly so."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from content import roles as library
from immuno_site.consultations import roles as room

pytestmark = pytest.mark.django_db
ROLES = (*library.ROLES, *room.ROLES)
OF_REQUESTS = {"consultationrequest", "attachment", "note", "progress", "message", "draft"}


def _held(name: str) -> set[str]:
    return set(Group.objects.get(name=name).permissions.values_list("codename", flat=True))


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_role_is_in_force_exactly(role: library.Role) -> None:
    call_command("apply_roles", verbosity=0)
    assert _held(role.name) == set(role.permissions)
    assert len(role.reason) > 40


def test_applying_roles_takes_away_what_somebody_added_by_hand() -> None:
    call_command("apply_roles", verbosity=0)
    Group.objects.get(name="Editor").permissions.add(
        Permission.objects.get(codename="view_consultationrequest")
    )
    call_command("apply_roles", verbosity=0)
    assert "view_consultationrequest" not in _held("Editor")


@pytest.mark.parametrize("name", ["Editor", "Clinical reviewer", "Administrator"])
def test_only_coordinators_and_managers_reach_patients(name: str) -> None:
    call_command("apply_roles", verbosity=0)
    reached = Group.objects.get(name=name).permissions.filter(content_type__app_label="consultations")
    assert not OF_REQUESTS & set(reached.values_list("content_type__model", flat=True))


def test_coordinator_takes_nothing_out_and_sees_no_colleagues_requests() -> None:
    missing = {"see_all", "export", "erase"}
    coordinator, manager = room.ROLES[0], room.ROLES[1]
    assert not {f"{word}_consultationrequest" for word in missing} & set(coordinator.permissions)
    assert {f"{word}_consultationrequest" for word in missing} <= set(manager.permissions)


def test_nobody_may_change_the_log_or_erase_notes() -> None:
    held = {permission for role in ROLES for permission in role.permissions}
    assert not {name for name in held if name.endswith("_accessevent")} - {"view_accessevent"}
    assert not {"change_note", "delete_note"} & held
