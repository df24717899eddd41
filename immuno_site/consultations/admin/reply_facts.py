"""The facts a reply template may ask for, taken from the request, the site profile and the library."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, override

from content import directory
from content.models import CancerTypeContent, SiteProfile
from content.text import prose
from immuno_site.consultations.models import ConsultationRequest
from immuno_site.consultations.patient_words import cancer_name
from immuno_site.consultations.records import to_ask_for
from immuno_site.consultations.working_time import ISRAEL

EMPTY = "..."  # what a coordinator has to fill in, or take out
DEFAULT = "en"


def facts_of(request: ConsultationRequest, profile: SiteProfile) -> dict[str, str]:
    """Slot -> words, in the patient's language."""
    with override(request.language):
        facts = {
            "name": request.name,
            "reference": request.reference,
            "reply_by": date_format(
                timezone.localtime(request.reply_due_at, ISRAEL), gettext("l, F j, Y, H:i")
            ),
            "cancer": cancer_name(request.cancer),
            "missing_records": _list(to_ask_for(request.records)),
            "emergency_numbers": gettext(", ").join(
                dial.words for dial in profile.dials_for(request.lives_in)
            ),
            "organization": profile.organization,
            "contact": ", ".join(filter(None, (profile.phone, profile.email))),
            **_from_library(request),
        }
    return {name: words or EMPTY for name, words in facts.items()}


def _from_library(request: ConsultationRequest) -> dict[str, str]:
    """What our page about this cancer says; its address alone if it is not written in their language yet."""
    pages = {content.language: content for content in CancerTypeContent.objects.public(request.cancer)}
    own = pages.get(request.language)
    language = request.language if own else DEFAULT
    facts = {"cancer_page": "", "cancer_records": "", "cancer_questions": ""}
    if pages.get(language):
        with override(language):
            facts["cancer_page"] = settings.SITE_URL + directory.address("cancer", request.cancer)
    if own:
        facts["cancer_records"] = _list(prose.plain(own.records).splitlines())
        facts["cancer_questions"] = _list(prose.plain(own.questions).splitlines())
    return facts


def _list(lines: list[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
