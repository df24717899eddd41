"""What content/cms_patches.py replaces is what was read when it was written."""

import hashlib
import inspect

import cms.admin.forms
import pytest
from cms.forms import validators
from djangocms_versioning import admin as versioning_admin
from djangocms_versioning.models import Version

from content import cms_patches

READ = {
    validators.validate_url_uniqueness: "151f888c05d7",  # asked by three forms, with exclude_page
    Version.publish: "a9c329249c7e",  # does not ask check_publish: the gate shuts in hooks.py
    cms_patches._menu: "f9dfe6455264",  # a list of (label, icon, address, how)
    cms_patches._unpublish: "75cc136e7d7c",  # a post unpublishes, anything else asks
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
