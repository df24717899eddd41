"""What django CMS and versioning offer no signal for: a few of their functions, replaced when the app starts.

`tests/content/test_cms_patches.py` holds what we read of them; where it fails, read the new release.
"""

from __future__ import annotations

from typing import Any

import cms.admin.forms as cms_forms
import cms.cms_toolbars as cms_toolbars
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.sites.models import Site
from django.core.exceptions import ValidationError
from django.db.models import Case, OuterRef, QuerySet, Subquery, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from djangocms_versioning import admin as versioning_admin
from djangocms_versioning import indicators, managers
from djangocms_versioning.conditions import Conditions
from djangocms_versioning.constants import DRAFT, PUBLISHED
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


_menu = indicators.content_indicator_menu
_unpublish = versioning_admin.VersionAdmin.unpublish_view
_AT_ONCE = "js-cms-tree-lang-trigger"  # the script posts such an item without asking


def _asks_first(*args: object, **kwargs: object) -> list[tuple[str, ...]]:
    """The menu of a list, in which Unpublish stands below Publish: it leads to the question."""
    items = _menu(*args, **kwargs)
    return [(label, icon, url, "" if url.endswith("/unpublish/") else how) for label, icon, url, how in items]


def _unpublish_view(
    self: versioning_admin.VersionAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """Takes nothing off the site before somebody read who links there and said yes."""
    if request.method == "POST" and "confirmed" not in request.POST:
        return redirect(request.get_full_path())
    return _unpublish(self, request, object_id)


for module in (indicators, versioning_admin):
    module.content_indicator_menu = _asks_first
versioning_admin.VersionAdmin.unpublish_view = _unpublish_view


def _newest(self: QuerySet[Any], siblings: QuerySet[Any], **kwargs: object) -> QuerySet[Any]:
    """Of each entry and language, or page and language, the newest of these versions: asked of the siblings of a row.
    Versioning groups the whole table, and a list asks it for every column."""
    keys: list[str] = self._group_by_key  # type: ignore[attr-defined] # versioning's own
    alike = siblings.filter(**{key: OuterRef(key) for key in keys})
    is_alive = Case(When(versions__state__in=(DRAFT, PUBLISHED), then=0), default=1)
    newest = alike.order_by(is_alive, "-versions__pk").values("versions__pk")[:1]
    return self.filter(versions__pk=Subquery(newest), **kwargs)


def _latest_content(self: QuerySet[Any], **kwargs: object) -> QuerySet[Any]:
    return _newest(self, self, **kwargs)


def _current_content(self: QuerySet[Any], **kwargs: object) -> QuerySet[Any]:
    return _newest(self, self.filter(versions__state__in=(DRAFT, PUBLISHED)), **kwargs)


_versionings_latest = managers.AdminQuerySetMixin.latest_content
_versionings_current = managers.AdminQuerySetMixin.current_content
managers.AdminQuerySetMixin.latest_content = _latest_content
managers.AdminQuerySetMixin.current_content = _current_content


# The menu Help leads to our handbook alone: its other items are for developers, and lead to third parties.
cms_toolbars.DEFAULT_HELP_MENU_ITEMS = ()


_validate_url_uniqueness = cms_forms.validate_url_uniqueness


def _validate_address(site: Site, path: str, language: str, **kwargs: object) -> bool:
    if reason := page_address.why_not(kwargs.get("exclude_page"), path):
        raise ValidationError(reason)
    return _validate_url_uniqueness(site, path, language, **kwargs)


# Every form that adds, changes, copies or moves a page asks this one function about its new address.
cms_forms.validate_url_uniqueness = _validate_address
