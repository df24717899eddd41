"""Only a draft is ever changed: what readers see, or once saw, stays as it was signed and published."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.utils.translation import gettext as _
from djangocms_versioning.constants import DRAFT


def is_draft(content: Model) -> bool:
    """A row without a version yet is one, too."""
    version = content.versions.first()
    return version is None or version.state == DRAFT


def must_be_draft(content: Model) -> None:
    """Raises, whoever saves and however."""
    if not is_draft(content):
        raise PermissionDenied(_("This version is not a draft. Make a new draft and change that."))
