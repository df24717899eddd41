"""What the toolbar offers staff on entries and CMS pages, beside django CMS's own menus."""

from __future__ import annotations

from typing import ClassVar

from cms.cms_toolbars import ADMIN_MENU_IDENTIFIER
from cms.models import PageContent
from cms.toolbar.items import ButtonList, Menu
from cms.toolbar.utils import get_object_preview_url
from cms.toolbar_base import CMSToolbar
from cms.toolbar_pool import toolbar_pool
from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from djangocms_versioning.cms_toolbars import VersioningToolbar
from djangocms_versioning.constants import DRAFT
from djangocms_versioning.helpers import version_list_url
from djangocms_versioning.models import Version

from content.models import EntryContent, PageCheck

MENU = "content-review"


@toolbar_pool.register
class ReviewToolbar(CMSToolbar):
    """One menu: change the text, have it signed off, look back, go to the list."""

    class Media:
        css: ClassVar = {"all": ("css/tokens.css", "admin/theme.css")}

    def post_template_populate(self) -> None:
        """Only now is it known what the view shows."""
        content = self.toolbar.get_object()
        if not isinstance(content, EntryContent | PageContent) or not content.pk:
            return
        version = content.versions.first()
        if version is None:
            return
        draft = version if version.state == DRAFT else version.get_latest_draft_version()
        menu = self.toolbar.get_or_create_menu(MENU, _("Text and review"), position=self._after_admin_menu())
        if isinstance(content, EntryContent):
            self._add_mode_buttons(content)
            self._add_text(menu, content)
        else:
            self._add_page_check(menu, draft)
            url = reverse("admin:cms_page_earlier", args=[content.page_id, content.language])
            menu.add_link_item(_("Earlier versions"), url=url)
        self._add_review(menu, draft)
        self._add_lists(menu, content)

    def _after_admin_menu(self) -> int:
        found = self.toolbar.get_menu(ADMIN_MENU_IDENTIFIER)
        return self.toolbar.get_left_items().index(found) + 1 if found else 0

    def _add_mode_buttons(self, content: EntryContent) -> None:
        """Django CMS offers them only where there are placeholders."""
        if not self.request.user.has_perm(_to_change(content)):
            return
        for modes in self.toolbar.toolbars.values():
            if isinstance(modes, VersioningToolbar):
                if self.toolbar.content_mode_active:
                    modes.add_edit_button()
                if not self.toolbar.preview_mode_active:
                    modes.add_preview_button()

    def _add_text(self, menu: Menu, content: EntryContent) -> None:
        """The form is one click away: a button, which makes the draft where there is none."""
        if not self.request.user.has_perm(_to_change(content)):
            return
        model, entry = _admin_name(content.entry), [content.entry_id, content.language]
        form = ButtonList(side=self.toolbar.RIGHT)
        form.add_button(
            _("Edit text"),
            url=reverse(f"admin:{model}_text", args=entry),
            extra_classes=["cms-form-post-method"],
        )
        self.toolbar.add_item(form)
        menu.add_link_item(_("Earlier versions"), url=reverse(f"admin:{model}_earlier", args=entry))

    def _add_page_check(self, menu: Menu, draft: Version | None) -> None:
        if not self.request.user.has_perm("content.change_pagecheck"):
            return
        url = "#"
        if draft:
            check = PageCheck.objects.filter(extended_object=draft.object_id).first()
            url = (
                reverse("admin:content_pagecheck_change", args=[check.pk])
                if check
                else f"{reverse('admin:content_pagecheck_add')}?extended_object={draft.object_id}"
            )
        on_close = get_object_preview_url(draft.content) if draft else None
        menu.add_modal_item(_("Check and change note"), url=url, disabled=not draft, on_close=on_close)

    def _add_review(self, menu: Menu, draft: Version | None) -> None:
        if not self.request.user.has_perm("content.view_signoff"):
            return
        url = reverse("admin:content_signoff_read", args=[draft.pk]) if draft else "#"
        menu.add_link_item(_("Sign off"), url=url, disabled=not draft)

    def _add_lists(self, menu: Menu, content: EntryContent | PageContent) -> None:
        versions = content.versions.model
        listed = content.entry if isinstance(content, EntryContent) else content
        if self.request.user.has_perm(f"{versions._meta.app_label}.view_version"):
            menu.add_sideframe_item(_("History"), url=version_list_url(content))
        menu.add_sideframe_item(_("Open in list"), url=reverse(f"admin:{_admin_name(listed)}_changelist"))


def _admin_name(row: Model) -> str:
    """As Django names the admin's addresses of a row: an entry may belong to an installed app."""
    return f"{row._meta.app_label}_{row._meta.model_name}"


def _to_change(content: EntryContent) -> str:
    """The permission it takes."""
    return f"{content._meta.app_label}.change_{content._meta.model_name}"
