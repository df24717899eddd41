"""Only a draft is ever changed: what readers see, or once saw, stays as it was signed and published."""

from __future__ import annotations

from typing import Any, Protocol

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from djangocms_versioning.constants import DRAFT


class Versioned(Protocol):
    """A content row of django CMS or of ours: versioning gives it its versions."""

    versions: Any


def is_draft(content: Versioned) -> bool:
    """A row without a version yet is one, too."""
    version = content.versions.first()
    return version is None or version.state == DRAFT


def must_be_draft(content: Versioned) -> None:
    """Raises, whoever saves and however."""
    if not is_draft(content):
        raise PermissionDenied(_("This version is not a draft. Make a new draft and change that."))
