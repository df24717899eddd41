"""What happens on an ordinary day: something of everything the site writes by itself or by people's hands.

Names that no stock has, so that the rows can be played back beside it.
"""

from __future__ import annotations

from allauth.mfa.totp.internal.auth import TOTP
from cms.api import add_plugin
from cms.models import Placeholder
from django.contrib.auth.models import User
from django.utils import timezone

from content.models import Clinician, TherapyClass
from immuno_site.accounts.models import Invitation
from immuno_site.consultations.models import (
    AccessEvent,
    Attachment,
    ConsultationRequest,
    Coordinator,
    Note,
    Progress,
    RateCounter,
    ReplyTemplate,
)
from immuno_site.consultations.uploads import accept
from tests import factories
from tests.consultations import sample_files
from tests.consultations.visitor import CALLBACK, FEEDBACK, Visitor, token_in


def prepare() -> None:
    """What every stock has: not to be written a second time."""
    TherapyClass.objects.get_or_create(slug="pd-1-inhibitors")


def happen() -> None:
    _patients_write()
    _staff_work()
    _editors_write()


def _patients_write() -> None:
    anna = Visitor()
    anna.begin()
    accept(
        sample_files.upload("report.pdf", sample_files.pdf()),
        progress=Progress.objects.get(),
        now=timezone.now(),
    )
    anna.send_all()
    boris = Visitor()
    for address, typed in (("/callback/", CALLBACK), ("/feedback/", FEEDBACK)):
        page = boris.get(address)
        boris.post(address, {**typed, "form": token_in(page)})
    Progress.objects.start(now=timezone.now(), answers={"about": {"stage": "stage 3"}})  # not sent yet


def _staff_work() -> None:
    now = timezone.now()
    ruth = User.objects.create(username="recorded-ruth", email="ruth@example.org", is_staff=True)
    request = ConsultationRequest.objects.filter(kind="consultation").get()
    request.take(by=ruth, now=now)
    Note.objects.create(request=request, text="Called.", by=ruth, written_at=now)
    AccessEvent.objects.record("viewed", now=now, by=ruth, reference=request.reference)
    Attachment.objects.get().unlock(reason="Known sender", by=ruth, now=now)
    Coordinator.objects.of(ruth).speak(["en", "ru"])
    ReplyTemplate.objects.create(stage="received", language="en", title="Recorded", text="Hello {name}.")
    RateCounter.objects.count_one("recorded", place="here", now=now)
    Invitation.make(ruth, by=None, now=now)
    TOTP.activate(ruth, "JBSWY3DPEHPK3PXP")


def _editors_write() -> None:
    therapy_class = TherapyClass.objects.create(slug="recorded-class")
    factories.create_source(key="recorded-label")
    editor = User.objects.create(username="recorded-editor", is_staff=True)
    version = factories.create_draft(slug="recorded-drug", by=editor, therapy_class=therapy_class)
    version.publish(editor)
    drug = version.content.entry
    factories.create_indication(drug=drug, cancer="recorded-cancer", key="recorded-use")
    factories.create_term(slug="recorded-term")
    Clinician.objects.create(name="Dr. Recorded", role="Oncologist", license_number="R-1")
    placeholder = Placeholder.objects.create(slot="recorded")
    add_plugin(placeholder, "UpdateListPlugin", "en", kind="", limit=3)
