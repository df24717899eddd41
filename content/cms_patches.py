"""What django CMS and versioning offer no signal for: two of their functions, replaced when the app starts.

`tests/content/test_cms_patches.py` holds what we read of them; where it fails, read the new release.
"""

from __future__ import annotations

import cms.admin.forms as cms_forms
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.sites.models import Site
from django.core.exceptions import ValidationError
from djangocms_versioning.conditions import Conditions
from djangocms_versioning.exceptions import ConditionFailed
from djangocms_versioning.models import Version

from content.review import gate
from content.rules import page_address


def _is_ready(version: Version, user: AbstractBaseUser) -> None:
    """The gate's message, where the admin asks before it publishes."""
    if reason := gate.why_not_publish(version):
        raise ConditionFailed(reason)


# Version.publish() itself does not ask this list: see `hooks.shut_the_gate`.
Version.check_publish = Conditions([*Version.check_publish, _is_ready])


_validate_url_uniqueness = cms_forms.validate_url_uniqueness


def _validate_address(site: Site, path: str, language: str, **kwargs: object) -> bool:
    if reason := page_address.why_not(kwargs.get("exclude_page"), path):
        raise ValidationError(reason)
    return _validate_url_uniqueness(site, path, language, **kwargs)


# Every form that adds, changes, copies or moves a page asks this one function about its new address.
cms_forms.validate_url_uniqueness = _validate_address
