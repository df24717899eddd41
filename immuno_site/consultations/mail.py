"""Letters from the outbox: what they say, and how they leave.

The outbox table is the only truth: a letter is written in the transaction of what it tells about, and the
worker (`manage.py send_mail`) sends what is due. A task queue beside it would be a second list of the same
letters, with arguments to keep clean and results to erase, and would save ten lines.

Each letter is sent at least once. It keeps its Message-ID, so that a mailbox can tell when a worker died
between sending it and noting so.
"""

from __future__ import annotations

import logging
import uuid
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext

from content.models import SiteProfile
from immuno_site.consultations.models import ConsultationRequest, OutgoingMail
from immuno_site.consultations.models.coordinator import answering, leading
from immuno_site.consultations.models.request import WARN_BEFORE
from immuno_site.consultations.reference import link_code
from immuno_site.consultations.working_time import ISRAEL

logger = logging.getLogger(__name__)


class NobodyToWriteTo(Exception):
    """No active coordinator has a mail address, and the site profile names none."""


def send_due() -> int:
    """Sends what is due, oldest first; how many left. After a failure the others keep their turn."""
    sent = 0
    # Only the ids: a letter that cannot be read must not keep the others here.
    for mail_id in list(OutgoingMail.objects.due(timezone.now()).values_list("pk", flat=True)):
        if not _send(mail_id):
            break
        sent += 1
    return sent


def _send(mail_id: uuid.UUID) -> bool:
    mail = OutgoingMail.objects.defer("recipient").filter(pk=mail_id).first()
    if mail is None or not mail.take_turn(now=timezone.now()):
        return True  # erased, or in another worker's hands
    try:
        letter(mail).send()
    except Exception as error:  # whatever a server, a network or an address may raise
        mail.note_failure(error, now=timezone.now())
        _tell_of_failure(mail)
        return False
    mail.note_sent(now=timezone.now())
    return True


def _tell_of_failure(mail: OutgoingMail) -> None:
    # Only the kind of error: a server's words may repeat the address.
    after = "given up" if mail.given_up_at else f"next try {mail.next_try_at:%Y-%m-%d %H:%M} UTC"
    logger.warning("Letter %s was not sent at try %d: %s; %s.", mail.pk, mail.tries, mail.last_error, after)


# --- What they say ----------------------------------------------------------------------------------------


def letter(mail: OutgoingMail) -> EmailMessage:
    """The letter of this row. It names the reference and links to us; it says nothing about anybody."""
    with translation.override(mail.language):
        subject, body = WORDS[OutgoingMail.Kind(mail.kind)](mail.reference)
    return EmailMessage(
        subject=subject,
        body=body,
        to=_recipients(mail),
        headers={
            "Message-ID": f"<{mail.pk}@{urlsplit(settings.SITE_URL).hostname}>",
            "Auto-Submitted": "auto-generated",  # so that no holiday notice answers
            "Content-Language": mail.language,
        },
    )


def _recipients(mail: OutgoingMail) -> list[str]:
    """Known when it was written: the patient. Otherwise staff, as things are at the moment it leaves."""
    if mail.recipient:
        return [mail.recipient]
    people = set(_who_has(mail.reference) if mail.kind in TO_WHO_HAS_IT else _coordinators())
    if mail.kind in TO_MANAGERS_TOO:
        people |= set(leading().values_list("email", flat=True))
    if mail.kind in TO_WHO_IS_ON_CALL and _is_urgent(mail.reference):
        people.add(SiteProfile.current().on_call_email)
    return sorted(people - {""})


def _is_urgent(reference: str) -> bool:
    return ConsultationRequest.objects.filter(reference=reference, is_urgent=True).exists()


def _who_has(reference: str) -> list[str]:
    """One person where one can act; everybody, if nobody has it or whoever has it is not there."""
    person = ConsultationRequest.objects.only("owner").get(reference=reference).in_charge
    return [person.email] if person and person.email else _coordinators()


def _receipt(reference: str) -> tuple[str, str]:
    subject = gettext("Your request %(reference)s") % {"reference": reference}
    body = gettext(
        "We have received your request. Its reference is %(reference)s.\n\n"
        "You can add files to it or withdraw it here:\n%(link)s\n"
        "You need the reference and the return code from the page you saw after sending.\n\n"
        "Please do not answer this letter, and do not send anything about your health by e-mail."
    ) % {"reference": reference, "link": _return_link()}
    return subject, f"{_if_it_gets_worse(reference)}\n\n{body}"


def _if_it_gets_worse(reference: str) -> str:
    """The same in every receipt of a country: who wrote urgent words is nobody else's business."""
    country = (
        ConsultationRequest.objects.filter(reference=reference).values_list("country", flat=True).first()
    )
    numbers = gettext(", ").join(dial.words for dial in SiteProfile.current().dials_for(country or ""))
    call = gettext("Call your own team. In an emergency call your local emergency number:")
    return f"{gettext('If you get worse, do not wait for us.')} {call} {numbers}"


def _entered(reference: str) -> tuple[str, str]:
    """To somebody who called, mailed or wrote: they have seen no page of ours."""
    subject = gettext("Your request %(reference)s") % {"reference": reference}
    link, until = _code_link(reference)
    body = gettext(
        "You asked us something, and we have written it down as a request. Its reference is %(reference)s.\n\n"
        "Here you can read our answer, write to us and add files:\n%(link)s\n"
        "The link works once, until %(until)s, Israel time. The page asks for the reference, and for what stands "
        "behind the sign # in the link, if it is not filled in there. Then it shows your return code: "
        "keep that one.\n\n"
        "Please do not answer this letter, and do not send anything about your health by e-mail."
    ) % {"reference": reference, "link": link, "until": until}
    return subject, f"{_if_it_gets_worse(reference)}\n\n{body}"


def _new_request(reference: str) -> tuple[str, str]:
    return f"New request {reference}", f"A request has come: {reference}\n\n{_inbox_link(reference)}"


def _suspected_request(reference: str) -> tuple[str, str]:
    body = (
        f"A request has come that looks like spam: {reference}\n\n"
        "It may be a patient. They were promised a reply like everybody else, so look at it and say which it is.\n\n"
        f"{_inbox_link(reference)}"
    )
    return f"Suspected spam {reference}", body


def _new_files(reference: str) -> tuple[str, str]:
    return f"New files for {reference}", f"Files were added to {reference}\n\n{_inbox_link(reference)}"


def _new_message(reference: str) -> tuple[str, str]:
    return f"The patient wrote: {reference}", f"There is a message in {reference}\n\n{_inbox_link(reference)}"


def _cannot_wait(reference: str) -> tuple[str, str]:
    body = (
        f"The patient wrote words in {reference} that may not wait. Open it now.\n\n{_inbox_link(reference)}"
    )
    return f"Cannot wait: {reference}", body


def _message(reference: str) -> tuple[str, str]:
    subject = gettext("A message for you: %(reference)s") % {"reference": reference}
    body = gettext(
        "There is a message from us about your request %(reference)s. Read it and answer here:\n%(link)s\n"
        "You need the reference and your return code. If you have lost the code, ask us for a new one.\n\n"
        "Please do not answer this letter, and do not send anything about your health by e-mail."
    ) % {"reference": reference, "link": _return_link()}
    return subject, body


def _new_code(reference: str) -> tuple[str, str]:
    link, until = _code_link(reference)
    subject = gettext("Your way back to %(reference)s") % {"reference": reference}
    body = gettext(
        "Here you get a new return code for your request %(reference)s:\n%(link)s\n"
        "The link works once, until %(until)s, Israel time. The page asks for the reference, and for what stands "
        "behind the sign # in the link, if it is not filled in there. Then it shows your new code: keep that one.\n\n"
        "Your old code opens nothing any more. If somebody else has used the link before you, tell us at once.\n\n"
        "Please do not answer this letter, and do not send anything about your health by e-mail."
    ) % {"reference": reference, "link": link, "until": until}
    return subject, body


def _code_link(reference: str) -> tuple[str, str]:
    """A word that leads to the new code once, so that a mailbox read later opens nothing, and until when. It stands
    behind the # of the link, which browsers send to nobody, and programs that look at links cannot use it up."""
    clear = ("form_id", "codes_ended", "code_link_until")
    found = ConsultationRequest.objects.only(*clear).get(reference=reference)
    until = timezone.localtime(found.code_link_until or timezone.now(), ISRAEL)
    link = f"{_return_link()}#{link_code(found.form_id, found.codes_ended)}"
    return link, date_format(until, gettext("l, F j, Y, H:i"))


def _handed_over(reference: str) -> tuple[str, str]:
    words = f"A colleague has handed over a request: {reference}\n\n{_inbox_link(reference)}"
    return f"Handed over: {reference}", words


def _soon_erased(reference: str) -> tuple[str, str]:
    body = (
        f"{reference} is open, and it is erased within {WARN_BEFORE.days} days, because nobody worked on it.\n\n"
        f"Answer it or close it. Any step or note keeps it longer.\n\n{_inbox_link(reference)}"
    )
    return f"Soon erased: {reference}", body


def _promised(reference: str) -> str:
    due = ConsultationRequest.objects.values_list("reply_due_at", flat=True).get(reference=reference)
    return f"{timezone.localtime(due, ISRAEL):%d %b %Y, %H:%M}"


def _soon_due(reference: str) -> tuple[str, str]:
    body = (
        f"We promised an answer to {reference} by {_promised(reference)}, Israel time, and most of that time is used. "
        f"Answer, or tell the patient when you will.\n\n{_inbox_link(reference)}"
    )
    return f"Answer due soon: {reference}", body


def _late(reference: str) -> tuple[str, str]:
    body = (
        f"We promised an answer to {reference} by {_promised(reference)}, Israel time, and nobody has answered. "
        f"Answer now, or tell the patient when you will.\n\n{_inbox_link(reference)}"
    )
    return f"Late: {reference}", body


def _step_due(reference: str) -> tuple[str, str]:
    return f"Next step due: {reference}", f"A next step of {reference} is due.\n\n{_inbox_link(reference)}"


def _still_waiting(reference: str) -> tuple[str, str]:
    subject = gettext("We still wait for something from you: %(reference)s") % {"reference": reference}
    body = gettext(
        "We asked you for something about your request %(reference)s, and it has not come yet. Until then our time to "
        "reply stands still. Read here what we need, and send it or write to us:\n%(link)s\n"
        "You need the reference and your return code. If you have lost the code, ask us for a new one.\n\n"
        "We remind you only this once. If you get worse, do not wait for us: call your own team.\n\n"
        "Please do not answer this letter, and do not send anything about your health by e-mail."
    ) % {"reference": reference, "link": _return_link()}
    return subject, body


WORDS = {
    OutgoingMail.Kind.RECEIPT: _receipt,
    OutgoingMail.Kind.ENTERED: _entered,
    OutgoingMail.Kind.NEW_REQUEST: _new_request,
    OutgoingMail.Kind.SUSPECTED_REQUEST: _suspected_request,
    OutgoingMail.Kind.NEW_FILES: _new_files,
    OutgoingMail.Kind.NEW_MESSAGE: _new_message,
    OutgoingMail.Kind.CANNOT_WAIT: _cannot_wait,
    OutgoingMail.Kind.MESSAGE: _message,
    OutgoingMail.Kind.NEW_CODE: _new_code,
    OutgoingMail.Kind.HANDED_OVER: _handed_over,
    OutgoingMail.Kind.SOON_ERASED: _soon_erased,
    OutgoingMail.Kind.SOON_DUE: _soon_due,
    OutgoingMail.Kind.LATE: _late,
    OutgoingMail.Kind.STEP_DUE: _step_due,
    OutgoingMail.Kind.STILL_WAITING: _still_waiting,
}
TO_WHO_HAS_IT = (
    OutgoingMail.Kind.NEW_FILES,
    OutgoingMail.Kind.NEW_MESSAGE,
    OutgoingMail.Kind.CANNOT_WAIT,
    OutgoingMail.Kind.HANDED_OVER,
    OutgoingMail.Kind.SOON_ERASED,
    OutgoingMail.Kind.SOON_DUE,
    OutgoingMail.Kind.LATE,
    OutgoingMail.Kind.STEP_DUE,
)
TO_MANAGERS_TOO = (OutgoingMail.Kind.SOON_DUE, OutgoingMail.Kind.LATE)
TO_WHO_IS_ON_CALL = (OutgoingMail.Kind.CANNOT_WAIT, *TO_MANAGERS_TOO)


def _return_link() -> str:
    return f"{settings.SITE_URL}{reverse('consultations:return')}"


def _inbox_link(reference: str) -> str:
    pk = ConsultationRequest.objects.values_list("pk", flat=True).get(reference=reference)
    return f"{settings.SITE_URL}{reverse('admin:consultations_consultationrequest_change', args=[pk])}"


def _coordinators() -> list[str]:
    """Everybody who may take a request, at the moment the letter leaves; until there is one, the clinic, and on the
    first day, before it has said its address, whoever set the site up."""
    addresses = sorted(set(answering().exclude(email="").values_list("email", flat=True)))
    if not addresses and (mailbox := SiteProfile.current().email):
        addresses = [mailbox]
    if not addresses:
        first = User.objects.filter(is_superuser=True, is_active=True).exclude(email="")
        addresses = sorted(set(first.values_list("email", flat=True)))
    if not addresses:
        raise NobodyToWriteTo
    return addresses
