"""The list of entries, at the cost of its rows.

django CMS and versioning compute eleven columns of which a list shows four, and ask templates and permissions anew for
each line's state, menu and buttons. Here lines that are alike are drawn once a page, by them, with places left open
for the numbers.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Hashable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeAlias

from cms.admin.utils import GrouperChangeListBase, GrouperModelAdmin
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.views.main import ORDER_VAR, ChangeList
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from djangocms_versioning.admin import DefaultGrouperVersioningAdminMixin
from djangocms_versioning.constants import DRAFT
from djangocms_versioning.models import Version

from content.admin.form_address import NO_ROW
from content.review import gate, signing

Cell: TypeAlias = Callable[[Any], str]

# From here on numbers of the entry, then of its texts and their versions by turns.
_LEFT_OPEN = re.compile(r"21470\d{5}")


class Entries(GrouperChangeListBase):
    """Rows with their texts and versions; columns to sort by are computed where somebody sorts."""

    model_admin: EntryListAdmin
    preserved_filters: str
    root_queryset: QuerySet[Any]

    def __init__(self, *args: Any) -> None:  # as Django's list
        self._address = ""
        super().__init__(*args)
        # Django would add them to each line's address, and look that up again for it.
        self._kept, self.preserved_filters = self.preserved_filters, ""

    def get_queryset(self, request: HttpRequest, exclude_parameters: object = None) -> QuerySet[Any]:
        if ORDER_VAR in self.params:
            self.root_queryset = self.root_queryset.alias(**self.model_admin._get_annotation())
        rows: QuerySet[Any] = super().get_queryset(request, exclude_parameters)
        return rows.prefetch_related(self.model_admin.texts_of_rows())

    def url_for_result(self, result: Any) -> str:
        if not self._address:
            address = super().url_for_result(_left_open(result))
            kept = {"preserved_filters": self._kept, "opts": self.opts}
            self._address = add_preserved_filters(kept, address)
        return self._address.replace(str(NO_ROW), str(result.pk), 1)


class EntryListAdmin(DefaultGrouperVersioningAdminMixin, GrouperModelAdmin):
    """What the list of an admin of entries is made of."""

    if TYPE_CHECKING:
        content_model: Any  # of one kind: a checker knows the columns of all kinds alone
        current_content_filters: dict[str, str]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows alone: the list reads their texts for a page of them, a form for the one it shows."""
        return admin.ModelAdmin.get_queryset(self, request)

    def texts_of_rows(self) -> Prefetch:
        """Where versioning looks for them; of their words a list shows the name."""
        texts = self.content_model.admin_manager.filter(
            versions__isnull=False, **self.current_content_filters
        )
        shown = texts.only("entry", "language", "name", "next_check_due").order_by("-pk")
        accessor = self.content_model._meta.get_field("entry").remote_field.get_accessor_name()
        versions = Prefetch("versions", to_attr="_prefetched_versions")
        return Prefetch(accessor, shown.prefetch_related(versions), to_attr="_prefetched_contents")

    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[ChangeList]:
        theirs = super().get_changelist(request, **kwargs)
        return type(theirs.__name__, (Entries, theirs), {})

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """What the menus of its drafts ask is read for all of them."""
        changes = super().get_changelist_instance(request)
        if request.method == "GET":
            _read_drafts(changes.result_list)
        return changes

    def get_search_results(
        self, request: HttpRequest, rows: QuerySet[Any], words: str
    ) -> tuple[QuerySet[Any], bool]:
        """django CMS would also ask for all texts that hold no word."""
        return super().get_search_results(request, rows, words) if words else (rows, False)

    def get_indicator_column(self, request: HttpRequest) -> Cell:
        def alike(entry: Any) -> Hashable:
            """Of what versioning asks before it offers to publish, the gate alone asks for the text."""
            drafts = (version for version in _versions(entry) if version.state == DRAFT)
            return tuple(not gate.why_not_publish(draft) for draft in drafts)

        return _drawn_once(super().get_indicator_column(request), alike)

    def action_checkbox(self, entry: Any) -> str:
        """As Django's, which renders a form's field by templates."""
        return format_html(
            '<input type="checkbox" name="{}" value="{}" class="action-select" aria-label="{}">',
            ACTION_CHECKBOX_NAME,
            entry.pk,
            gettext("Select this object for an action - {}").format(entry),
        )

    def get_admin_list_actions(self, request: HttpRequest) -> Cell:
        return _drawn_once(super().get_admin_list_actions(request), lambda entry: None)


def _read_drafts(entries: list[Any]) -> None:
    """All of their words: whether they may go public is asked of each."""
    drafts = {
        version.pk: (entry, place, version)
        for entry in entries
        for place, content in enumerate(entry._prefetched_contents)
        for version in content._prefetched_versions
        if version.state == DRAFT
    }
    signing.load([version for _entry, _place, version in drafts.values()])
    for entry, place, version in drafts.values():
        version.content._prefetched_versions = [version]
        entry._prefetched_contents[place] = version.content


def _versions(entry: Any) -> list[Version]:
    return [version for content in entry._prefetched_contents for version in content._prefetched_versions]


def _drawn_once(draw: Cell, alike: Callable[[Any], Hashable]) -> Cell:
    """The cell of a column; `alike` says what, beside the states of its texts, makes a line differ from others."""
    drawn: dict[Hashable, str] = {}

    @wraps(draw)  # its name is that of the column
    def cell(entry: Any) -> str:
        key = (tuple(version.state for version in _versions(entry)), alike(entry))
        if key not in drawn:
            drawn[key] = draw(_left_open(entry))
        numbers = _numbers(entry)
        return mark_safe(_LEFT_OPEN.sub(lambda place: str(numbers[int(place[0]) - NO_ROW]), drawn[key]))  # noqa: S308

    return cell


def _numbers(entry: Any) -> list[int]:
    found = [entry.pk]
    for content in entry._prefetched_contents:
        found += [content.pk, *(version.pk for version in content._prefetched_versions)]
    return found


def _left_open(entry: Any) -> Any:
    """A copy that has none of its numbers."""
    numbers = iter(range(NO_ROW, NO_ROW + 100_000))
    left = copy.copy(entry)
    left.pk, left._prefetched_contents = next(numbers), []
    for one in entry._prefetched_contents:
        content = copy.copy(one)
        content.entry, content.pk = left, next(numbers)
        content._prefetched_versions = [copy.copy(version) for version in one._prefetched_versions]
        for version in content._prefetched_versions:
            version.pk, version.content = next(numbers), content
        left._prefetched_contents.append(content)
    return left
