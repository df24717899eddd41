"""The editors' and reviewers' rooms, one file per concept."""

from content.admin import base, clinician, coverage, fact, page, result, sign_off, site_profile, source  # noqa: F401
