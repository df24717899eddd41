"""The editors' and reviewers' rooms, one file per concept."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from content.admin import base, clinician, fact, page, sign_off, site_profile, source, update  # noqa: F401

admin.site.site_header = admin.site.site_title = _("Immunotherapy, explained: behind the scenes")
admin.site.index_title = _("What would you like to do?")
