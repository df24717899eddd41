"""CMS pages for tests: drafts and public ones, and what an editor's browser would send."""

from __future__ import annotations

import datetime
import json

from cms.api import add_plugin, create_page
from cms.models import CMSPlugin, Page, PageContent
from cms.toolbar.utils import get_object_edit_url, get_object_preview_url
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse
from djangocms_versioning.models import Version

from content import roles
from content.models import PageCheck, Publication
from content.stock.importing import library_user
from tests.factories import TODAY, create_source

CITED = "Immune cells fight cancer [@test-label]."


def join(user: User, role: str) -> User:
    """Gives the account exactly what the role may do."""
    roles.apply()
    user.groups.set([Group.objects.get(name=role)])
    return User.objects.get(pk=user.pk)  # without the permissions remembered so far


def create_story(
    *,
    slug: str = "story",
    reverse_id: str | None = None,
    text: str = CITED,
    by: User | None = None,
    parent: Page | None = None,
    check: bool = True,
    **changes: object,
) -> PageContent:
    """A draft of a CMS page with one block of prose."""
    create_source()
    page = create_page(
        **{
            "title": "A story",
            "template": "content/page.html",
            "language": "en",
            "slug": slug,
            "reverse_id": reverse_id or slug,
            "created_by": by or library_user(),
            "parent": parent,
            **changes,
        }
    )
    content = PageContent.admin_manager.get(page=page)
    placeholder = content.rescan_placeholders()["content"]
    if text:
        add_plugin(placeholder, "ProsePlugin", "en", body=text)
    if check:
        create_check(content)
    return content


def create_check(content: PageContent, **changes: object) -> PageCheck:
    return PageCheck.objects.create(
        **{
            "extended_object": content,
            "written_by": "Editorial team",
            "checked_on": TODAY,
            "next_check_due": TODAY + datetime.timedelta(days=300),
            "change_note": "First version.",
            **changes,
        }
    )


def place(content: PageContent, plugin: str, **values: object) -> CMSPlugin:
    return add_plugin(content.rescan_placeholders()["content"], plugin, content.language, **values)


def publish(content: PageContent, *, by: User | None = None) -> PageContent:
    version_of(content).publish(by or library_user())
    return PageContent.objects.get(pk=content.pk)


def version_of(content: object) -> Version:
    return Version.objects.get_for_content(type(content).admin_manager.get(pk=content.pk))


# --- What the browser sends -------------------------------------------------------------------------------


def add_block(client: Client, content: PageContent, plugin: str, **values: object) -> object:
    """Adds a block as the structure board does: asks for the form, then sends it."""
    placeholder = content.rescan_placeholders()["content"]
    query = {
        "placeholder_id": placeholder.pk,
        "plugin_type": plugin,
        "plugin_language": content.language,
        "plugin_position": placeholder.get_next_plugin_position(content.language),
        "cms_path": get_object_edit_url(content),
    }
    return client.post(f"{reverse('admin:cms_placeholder_add_plugin')}?{_encode(query)}", values)


def change_block(client: Client, block: CMSPlugin, **values: object) -> object:
    return client.post(block_address(block, "edit_plugin"), values)


def delete_block(client: Client, block: CMSPlugin) -> object:
    return client.post(block_address(block, "delete_plugin"), {"post": "yes"})


def block_address(block: CMSPlugin, action: str) -> str:
    return reverse(f"admin:cms_placeholder_{action}", args=[block.pk]) + "?cms_path=/en/"


def version_address(version: Version, action: str) -> str:
    model = version.versionable.version_model_proxy
    return reverse(f"admin:djangocms_versioning_{model._meta.model_name}_{action}", args=[version.pk])


def preview(client: Client, content: object) -> object:
    return client.get(get_object_preview_url(content))


def edit(client: Client, content: object) -> object:
    return client.get(get_object_edit_url(content))


def _encode(query: dict[str, object]) -> str:
    return "&".join(f"{name}={value}" for name, value in query.items())


def block_data(html: str) -> list[dict[str, object]]:
    """The data that django CMS's script reads about each part that can be edited."""
    parts = html.split('type="application/json"')[1:]
    return [json.loads(part.split(">", 1)[1].split("</script>")[0]) for part in parts if "plugin_id" in part]


def remove_all_pages() -> None:
    """For a test that builds pages of its own: as if build_pages had never run."""
    pages = ContentType.objects.get_for_model(PageContent)
    Publication.objects.filter(version__content_type=pages).delete()
    Version.objects.filter(content_type=pages).delete()
    PageContent.admin_manager.all().delete()
    Page.objects.all().delete()
