"""Tells django CMS and versioning about the kinds of entry."""

from typing import ClassVar

from cms.app_base import CMSAppConfig
from cms.toolbar.utils import get_toolbar_from_request
from cms.utils.i18n import get_language_tuple
from django.contrib.sites.models import Site
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from djangocms_versioning.datastructures import VersionableItem, default_copy
from djangocms_versioning.models import Version

from content.models import EntryContent, content_models
from content.review import linking
from content.web.views import render_entry


def copy_content(original: EntryContent) -> EntryContent:
    """A new draft starts as the old text; what changed is for its editor to say."""
    copy = default_copy(original)
    copy.change_note = ""
    copy.save()
    return copy


def _versionable(model: type[EntryContent]) -> VersionableItem:
    return VersionableItem(
        content_model=model,
        grouper_field_name="entry",
        extra_grouping_fields=["language"],
        version_list_filter_lookups={
            "language": lambda *args: get_language_tuple(site_id=Site.objects.get_current(args[0]).pk)
        },
        copy_function=copy_content,
        grouper_admin_mixin="__default__",
    )


def _toolbar_view(request: HttpRequest, content: EntryContent) -> TemplateResponse:
    """The entry as readers will see it, for django CMS's edit and preview addresses."""
    get_toolbar_from_request(request).set_object(content)
    return render_entry(request, content)


def _before_unpublishing(request: HttpRequest, version: Version) -> str:
    """Who links to it, and what lies below it: whoever takes it off the site reads that first."""
    content = version.content
    context = {"links": linking.links_to(content), "below": linking.pages_below(content)}
    return render_to_string("admin/content/unpublishing.html", context)


class ContentConfig(CMSAppConfig):
    cms_enabled = True
    versioning_add_to_confirmation_context: ClassVar = {"unpublish": {"links": _before_unpublishing}}
    djangocms_versioning_enabled = True
    cms_toolbar_enabled_models = [(model, _toolbar_view, "entry") for model in content_models().values()]
    versioning = [_versionable(model) for model in content_models().values()]
