"""What content/cms_patches.py replaces is what was read when it was written."""

import hashlib
import inspect

import cms.admin.forms
import pytest
from cms.forms import validators
from djangocms_versioning import admin as versioning_admin
from djangocms_versioning.models import Version

from content import cms_patches
from content.models import DrugContent
from tests.factories import create_draft, create_page

READ = {
    validators.validate_url_uniqueness: "151f888c05d7",  # asked by three forms, with exclude_page
    Version.publish: "a9c329249c7e",  # does not ask check_publish: the gate shuts in hooks.py
    cms_patches._menu: "f9dfe6455264",  # a list of (label, icon, address, how)
    cms_patches._unpublish: "75cc136e7d7c",  # a post unpublishes, anything else asks
    cms_patches._versionings_latest: "cf87c15e7291",  # a draft, else what is public, else the last of the others
    cms_patches._versionings_current: "ec8306859536",  # a draft, else what is public
    versioning_admin.VersionAdmin.publish_view: "fac115ae760d",  # asks check_publish, and shows its message
}


@pytest.mark.parametrize("function", READ, ids=lambda function: function.__qualname__)
def test_upstream_is_as_it_was_read(function):
    source = inspect.getsource(function)
    assert hashlib.sha256(source.encode()).hexdigest()[:12] == READ[function], (
        "Read it again, then cms_patches.py."
    )


def test_forms_of_pages_ask_our_rule_for_addresses():
    assert cms.admin.forms.validate_url_uniqueness is cms_patches._validate_address
    source = inspect.getsource(cms.admin.forms)
    assert source.count(" validate_url_uniqueness(") == 3


@pytest.mark.django_db
def test_newest_version_is_the_one_that_versioning_finds(editor):
    """In each state a text can be in, in two languages, beside other entries."""
    drafted, gone = (create_page(slug=f"new-{number}", by=editor) for number in range(2))
    draft = drafted.copy(editor)
    gone.unpublish(editor)
    create_draft(slug="new-0", by=editor, language="he")
    rows = DrugContent.admin_manager.all()
    for ours, theirs in (
        (rows.latest_content(), cms_patches._versionings_latest(rows)),
        (rows.current_content(), cms_patches._versionings_current(rows)),
        (rows.latest_content(language="he"), cms_patches._versionings_latest(rows, language="he")),
    ):
        found = set(ours.values_list("pk", flat=True))
        assert found == set(theirs.values_list("pk", flat=True))
        assert found
    assert rows.latest_content(entry__slug="new-0", language="en").get().pk == draft.object_id
    assert rows.latest_content(entry__slug="new-1").get().pk == gone.object_id
    assert not rows.current_content(entry__slug="new-1").exists()
