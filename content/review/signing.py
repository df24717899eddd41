"""What a clinician signs: everything a reader sees of a version, as a digest that any later change voids."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Sequence
from typing import TypeAlias

from cms.models import CMSPlugin, PageContent
from django.contrib.contenttypes.models import ContentType
from django.contrib.contenttypes.prefetch import GenericPrefetch
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils.translation import gettext as _
from djangocms_versioning.constants import DRAFT
from djangocms_versioning.models import Version

from content import prepared
from content.models import Clinician, EntryContent, PageCheck, SignOff, content_models

# Raise when `shown()` changes its form. A sign-off keeps the number it was made with.
DIGEST_FORMAT = 1
# Columns no reader sees, or that say nothing by themselves.
_NOT_SHOWN = frozenset({"id", "entry", "extended_object"})
_PLUGIN_PLUMBING = frozenset(field.name for field in CMSPlugin._meta.fields) | {"cmsplugin_ptr"}
Reviewable: TypeAlias = EntryContent | PageContent


def shown(content: Reviewable) -> dict[str, object]:
    """Everything of this version that a reader can see, as plain data. Facts have their own approval."""
    if isinstance(content, PageContent):
        return _shown_of_page(content)
    values = _values(content, skip=_NOT_SHOWN | _silent(content))
    return {"kind": content.entry.kind, "slug": content.entry.slug, **values}


def _shown_of_page(content: PageContent) -> dict[str, object]:
    check = check_of(content)
    return {
        "kind": "page",
        "title": content.title,
        "menu_title": content.menu_title,
        "page_title": content.page_title,
        "description": content.meta_description,
        "language": content.language,
        "redirect": content.redirect,
        "template": content.template,
        "check": _values(check, skip=_NOT_SHOWN) if check else {},
        "placeholders": {
            placeholder.slot: [
                _shown_of_plugin(plugin) for plugin in placeholder.get_plugins(content.language)
            ]
            for placeholder in content.get_placeholders()
        },
    }


def _shown_of_plugin(plugin: CMSPlugin) -> dict[str, object]:
    instance = plugin.get_bound_plugin()
    return {"type": plugin.plugin_type, **_values(instance, skip=_PLUGIN_PLUMBING | _silent(instance))}


def _silent(row: models.Model) -> set[str]:
    """Columns that came after the first sign-offs and say nothing yet. Blocks of others have none."""
    added = getattr(row, "ADDED_LATER", {})
    return {name for name, nothing in added.items() if getattr(row, name) == nothing}


def _values(row: models.Model, *, skip: frozenset[str]) -> dict[str, object]:
    """Field name -> value; a foreign key by what it points to, so that keys may differ between databases."""
    return {
        field.name: str(getattr(row, field.name)) if field.is_relation else field.value_from_object(row)
        for field in sorted(row._meta.concrete_fields, key=lambda field: field.name)
        if field.name not in skip
    }


def digest(content: Reviewable) -> str:
    """SHA-256 over the canonical form of what is shown: 64 hexadecimal digits."""
    canonical = json.dumps(
        {"format": DIGEST_FORMAT, "shown": shown(content)}, sort_keys=True, ensure_ascii=False, default=str
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


# What an editor sets on a CMS page beside its blocks.
_PAGE_FIELDS = (
    "title", "menu_title", "page_title", "meta_description", "redirect", "slug", "overwrite_url", "template",
    "in_navigation", "soft_root", "limit_visibility_in_menu", "xframe_options",
)  # fmt: skip


def differs_from_stored(content: PageContent) -> bool:
    stored = PageContent.admin_manager.filter(pk=content.pk).values(*_PAGE_FIELDS).first()
    return stored is not None and any(getattr(content, name) != value for name, value in stored.items())


def check_of(content: Reviewable) -> EntryContent | PageCheck | None:
    """Where this version says who wrote and checked it, and what is new. Pages without medicine may say nothing."""
    if isinstance(content, EntryContent):
        return content
    check: PageCheck | None = PageCheck.objects.filter(extended_object=content).first()
    return check


def why_not_sign(version: Version, *, by: Clinician) -> str:
    """The reason this clinician cannot sign this version, or an empty text."""
    if version.state != DRAFT:
        return _("Only a draft can be signed off.")
    if by.user is None or not by.user.is_active:
        return _("This clinician has no active account to sign off with.")
    if version.created_by_id == by.user_id or any(edit.user_id == by.user_id for edit in version.edits.all()):
        return _("You changed this draft yourself. Somebody else has to check it.")
    return ""


@transaction.atomic
def sign_off(
    version: Version,
    *,
    by: Clinician,
    next_review_due: datetime.date,
    seen: str,
    now: datetime.date,
    notes: str = "",
) -> SignOff:
    """Records that `by` read the draft. `seen` is the digest of what they had on screen."""
    if reason := why_not_sign(version, by=by):
        raise PermissionDenied(reason)
    current = digest(version.content)
    if seen != current:
        raise PermissionDenied(_("The draft was changed while you read it. Read the new text and sign that."))
    return SignOff.objects.create(
        version=version,
        reviewer=by,
        signed_on=now,
        next_review_due=next_review_due,
        digest=current,
        digest_format=DIGEST_FORMAT,
        notes=notes,
    )


def public_version_of(content: Reviewable) -> Reviewable | None:
    """The content row readers see now, in the same language."""
    if isinstance(content, PageContent):
        return PageContent.objects.filter(page=content.page_id, language=content.language).first()
    return type(content).objects.public(content.entry.slug, content.language).first()


def was_signed(version: Version) -> bool:
    """Whether anybody signed it, in whatever wording it had then."""
    return bool(version._signed) if hasattr(version, "_signed") else version.sign_offs.exists()


def valid_sign_off(version: Version) -> SignOff | None:
    """The latest sign-off that covers exactly the text the version has now."""
    newest = (
        [row for row in version._signed if row.digest_format == DIGEST_FORMAT]
        if hasattr(version, "_signed")  # by `load`
        else prepared.ask("newest sign-off", _newest_sign_off, version=version.pk)
    )
    return newest[0] if newest and newest[0].digest == digest(version.content) else None


def _newest_sign_off(version: int) -> models.QuerySet[SignOff]:
    return _sign_offs().filter(version=version, digest_format=DIGEST_FORMAT)[:1]


def _sign_offs() -> models.QuerySet[SignOff]:
    return SignOff.objects.select_related("reviewer")


def load(versions: Sequence[Version]) -> None:
    """Their texts and signatures, for lists that ask of each whether it may go public: a query for each kind, not
    for each version. Pages read their blocks one by one."""
    kinds = {version.content_type_id for version in versions}
    there = [
        model for model in content_models().values() if ContentType.objects.get_for_model(model).pk in kinds
    ]
    texts = [model.admin_manager.select_related(*_points_to(model)).order_by() for model in there]
    signed = models.Prefetch("sign_offs", _sign_offs(), to_attr="_signed")
    models.prefetch_related_objects(versions, GenericPrefetch("content", texts), signed)
    pages = [version.content for version in versions if isinstance(version.content, PageContent)]
    models.prefetch_related_objects(pages, "page")
    for model in there:
        contents = [version.content for version in versions if isinstance(version.content, model)]
        models.prefetch_related_objects(contents, *_points_to(model))  # of texts that were known before


def _points_to(model: type[EntryContent]) -> list[str]:
    return [field.name for field in model._meta.concrete_fields if field.is_relation]
