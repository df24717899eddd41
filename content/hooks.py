"""The only signal receivers: what django CMS and versioning do -> review gate, search index, page cache."""

from cms.models import PageContent
from cms.signals import post_obj_operation, post_placeholder_operation
from django.contrib.auth.models import AbstractBaseUser
from django.dispatch import Signal, receiver
from djangocms_versioning import constants
from djangocms_versioning.conditions import Conditions
from djangocms_versioning.exceptions import ConditionFailed
from djangocms_versioning.models import Version
from djangocms_versioning.signals import post_version_operation, pre_version_operation

from content import review, search
from content.models import DraftEdit, EntryContent

# Sent within the transaction whenever anything a reader can see changes. The page cache listens, and acts on
# commit, once for the whole transaction.
public_content_changed = Signal()


def announce_change() -> None:
    """Tells whoever keeps finished pages."""
    public_content_changed.send(sender=None)


def _is_ready(version: Version, user: AbstractBaseUser) -> None:
    """The gate's message, where the admin asks before it publishes."""
    if reason := review.why_not_publish(version):
        raise ConditionFailed(reason)


# Version.publish() itself does not ask this list: see `shut_the_gate` below.
Version.check_publish = Conditions([*Version.check_publish, _is_ready])


@receiver(pre_version_operation)
def shut_the_gate(operation: str, obj: Version, **kwargs: object) -> None:
    """No command, plugin or package publishes past the gate; raising rolls the operation back."""
    if operation == constants.OPERATION_PUBLISH:
        review.refuse_unready(obj)


@receiver(post_version_operation)
def note_version_change(operation: str, obj: Version, **kwargs: object) -> None:
    if operation == constants.OPERATION_PUBLISH:
        review.record_publication(obj)
    if operation in (constants.OPERATION_PUBLISH, constants.OPERATION_UNPUBLISH):
        # Asks what is public now: publishing also withdraws the version before, in an order of its own.
        search.refresh(obj.content)
        announce_change()


@receiver(post_placeholder_operation)
def note_plugin_edit(**kwargs: object) -> None:
    """Plugins have no save of their own that knows the user, so the CMS's report counts as the edit."""
    request = kwargs["request"]
    placeholders = [kwargs.get(name) for name in ("placeholder", "source_placeholder", "target_placeholder")]
    for placeholder in filter(None, placeholders):
        if isinstance(placeholder.source, PageContent | EntryContent):
            DraftEdit.record(placeholder.source, request.user)


@receiver(post_obj_operation)
def note_page_operation(**kwargs: object) -> None:
    """Moving, renaming or deleting a page changes menus and addresses at once."""
    content = kwargs.get("translation") or kwargs.get("obj")
    request = kwargs.get("request")
    if isinstance(content, PageContent) and request is not None:
        DraftEdit.record(content, request.user)
    search.refresh_pages()
    announce_change()
