"""The only signal receivers: what django CMS and versioning do -> review gate, search index, page cache."""

from collections.abc import Iterable

from cms.models import PageContent
from cms.signals import post_obj_operation, post_placeholder_operation
from django.contrib import messages
from django.db.models.signals import post_save, pre_save
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.translation import ngettext
from djangocms_versioning import constants
from djangocms_versioning.models import Version
from djangocms_versioning.signals import post_version_operation, pre_version_operation

from content.changes import announce_change, public_content_changed
from content.models import DraftEdit, EntryContent, Fact, PagePath
from content.models.versions import must_be_draft
from content.review import gate, signing
from content.review.facts import pages_showing
from content.rules import page_address
from content.search import upkeep
from content.text.hints import HandedOn


@receiver(pre_version_operation)
def shut_the_gate(operation: str, obj: Version, **kwargs: object) -> None:
    """No command, plugin or package publishes past the gate; raising rolls the operation back."""
    if operation == constants.OPERATION_PUBLISH:
        gate.refuse_unready(obj)


@receiver(post_version_operation)
def note_version_change(operation: str, obj: Version, **kwargs: object) -> None:
    if operation == constants.OPERATION_PUBLISH:
        gate.record_publication(obj)
    if isinstance(obj.content, PageContent):
        PagePath.objects.record()
    if operation in (constants.OPERATION_PUBLISH, constants.OPERATION_UNPUBLISH):
        # Asks what is public now: publishing also withdraws the version before, in an order of its own.
        upkeep.refresh(obj.content)
        announce_change()


@receiver(public_content_changed)
def note_fact_change(facts: Iterable[Fact] = (), **kwargs: object) -> None:
    """Facts that came up or were taken off are found, or no longer found, at once."""
    if not upkeep.is_paused():  # an import makes the whole index anew at its end
        rows = list(facts)
        upkeep.refresh_facts(rows, {page for row in rows for page in pages_showing(row)})


@receiver(post_placeholder_operation)
def note_plugin_edit(request: HttpRequest, **kwargs: HandedOn) -> None:
    """Plugins have no save of their own that knows the user, so the CMS's report counts as the edit."""
    placeholders = [kwargs.get(name) for name in ("placeholder", "source_placeholder", "target_placeholder")]
    for placeholder in filter(None, placeholders):
        if isinstance(placeholder.source, PageContent | EntryContent):
            DraftEdit.record(placeholder.source, request.user)


@receiver(pre_save, sender=PageContent)
def guard_page(instance: PageContent, **kwargs: object) -> None:
    """A page's title and settings change on drafts only; the CMS's quick editor would change what readers see."""
    page_address.settle(instance)
    if instance.pk and signing.differs_from_stored(instance):
        must_be_draft(instance)


@receiver(post_save, sender=PageContent)
def note_page_edit(instance: PageContent, **kwargs: object) -> None:
    DraftEdit.record(instance)


@receiver(post_obj_operation)
def note_page_operation(request: HttpRequest | None = None, **kwargs: object) -> None:
    """Moving, renaming or deleting a page changes menus and addresses at once; the old ones lead to the new."""
    moved = PagePath.objects.record()
    if moved and request is not None:
        number = len(moved)
        words = ngettext(
            "%(number)d page has a new address: %(address)s. The old one leads there.",
            "%(number)d pages have new addresses, the first %(address)s. The old ones lead there.",
            number,
        )
        messages.info(request, words % {"number": number, "address": f"/{moved[0].path}/"})
    upkeep.refresh_pages()
    announce_change()
