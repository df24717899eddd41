"""The editors' and reviewers' rooms, one file per concept."""

from content.admin import base, clinician, fact, page, sign, sign_off, site_profile, source  # noqa: F401
