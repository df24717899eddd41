"""The steps in the life of a request: who may take which, when, and which method of the model it calls."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from content.models import SiteProfile
from content.text.hints import Words
from immuno_site.consultations import uploads
from immuno_site.consultations.admin.step_forms import (
    AloudForm,
    AnswerForm,
    CloseForm,
    CorrectForm,
    DoctorForm,
    EraseForm,
    HandOverForm,
    HeardForm,
    LinkForm,
    NoteForm,
    PlanForm,
    RecordsForm,
    SendForm,
    SpamForm,
    StepForm,
    TranslateForm,
    WaitForm,
)
from immuno_site.consultations.models import (
    ClosedReason,
    Clue,
    ConsultationRequest,
    Message,
    Note,
    OutgoingMail,
    Progress,
)
from immuno_site.consultations.models.coordinator import TAKE
from immuno_site.consultations.models.request import KEEP_SPAM
from immuno_site.consultations.patient_words import answered, named
from immuno_site.consultations.reference import return_code
from immuno_site.consultations.thread.writing import say, take_in, tell_patient
from immuno_site.consultations.working_time import TimeToReply, reply_due

Filled = TypeVar("Filled")


@dataclass(frozen=True)
class Work:
    """One step taken by one person at one moment."""

    request: ConsultationRequest
    form: StepForm
    by: User
    now: datetime.datetime
    files: Progress | None = None  # stored already, and on their way into the message

    def said(self, name: str, kind: type[Filled]) -> Filled:
        """What was filled in under this name; the form knows what it is, and here it is asked."""
        value = self.form.cleaned_data[name]
        if not isinstance(value, kind):
            raise TypeError(f"{name} is no {kind.__name__}.")
        return value

    @property
    def words(self) -> str:
        return self.said("words", str)

    @property
    def day(self) -> datetime.date | None:
        day: datetime.date | None = self.form.cleaned_data["on"]
        return day

    @property
    def filled_in(self) -> dict[str, str]:
        return {name: value for name, value in self.form.cleaned_data.items() if value}

    def note(self, about: str = Note.About.INTERNAL) -> None:
        if words := self.words:
            Note.objects.create(
                request=self.request, text=words, about=about, by=self.by, written_at=self.now
            )


class Step:
    """One step. `do` is called inside a transaction, with a form that is valid."""

    name: str
    label: Words
    done: Words
    change: str  # the method of the request that it calls: its life says when it is possible
    form_class: type[StepForm] = StepForm
    permission = TAKE
    checks_version = True
    has_page = False  # its questions ask the library too much for a page that is opened all day
    is_main = False
    is_danger = False

    def is_possible(self, request: ConsultationRequest, *, by: User) -> bool:
        return by.has_perm(self.permission) and request.may(self.change, by=by)

    def do(self, work: Work) -> None:
        raise NotImplementedError

    def code_to_read_out(self, request: ConsultationRequest) -> str:
        """Of what was done just now: stands on the next page, and on no other."""
        return ""


class Take(Step):
    name, label, done = "take", _("Take it"), _("It is yours now.")
    change = "take"
    is_main = True

    def is_possible(self, request: ConsultationRequest, *, by: User) -> bool:
        return super().is_possible(request, by=by) and request.owner_id != by.pk

    def do(self, work: Work) -> None:
        work.request.take(by=work.by, now=work.now)


class HandOver(Step):
    name, label, done = "hand-over", _("Hand over"), _("Handed over.")
    change = "hand_over"
    form_class = HandOverForm

    def do(self, work: Work) -> None:
        work.request.hand_over(to=work.said("to", User), by=work.by, now=work.now)
        OutgoingMail.objects.queue(
            OutgoingMail.Kind.HANDED_OVER, reference=work.request.reference, now=work.now
        )
        work.note(Note.About.HAND_OVER)


class AddNote(Step):
    name, label, done = "note", _("Add a note"), _("The note is kept.")
    change = "stay"
    form_class = NoteForm
    checks_version = False  # it is added to what others write, and replaces nothing

    def do(self, work: Work) -> None:
        work.note()
        work.request.stay(now=work.now)


class Plan(Step):
    name, label, done = "plan", _("Plan the next step"), _("The next step is kept.")
    change = "plan"
    form_class = PlanForm

    def do(self, work: Work) -> None:
        work.request.plan(words=work.words, on=work.day, by=work.by, now=work.now)


class CheckRecords(Step):
    name, label, done = "records", _("Keep the checklist"), _("The checklist is kept.")
    change = "check_records"
    form_class = RecordsForm

    def do(self, work: Work) -> None:
        work.request.check_records(records=work.filled_in, by=work.by, now=work.now)


class Wait(Step):
    name, label = "wait", _("Wait for the patient")
    done = _("The clock stands still until the patient replies.")
    change = "wait"
    form_class = WaitForm

    def do(self, work: Work) -> None:
        work.request.wait(by=work.by, now=work.now)
        work.request.plan(words=work.words, on=work.day, by=work.by, now=work.now)


class GoOn(Step):
    name, label, done = "go-on", _("The patient replied"), _("The clock goes on.")
    change = "go_on"
    is_main = True

    def do(self, work: Work) -> None:
        time = TimeToReply.of(SiteProfile.current(), is_urgent=work.request.is_urgent)
        work.request.go_on(by=work.by, now=work.now, hours=time.hours)


class ShowToDoctor(Step):
    name, label, done = "doctor", _("Pass to a doctor"), _("It is with the doctor now.")
    change = "show_to_doctor"
    form_class = DoctorForm

    def do(self, work: Work) -> None:
        work.request.show_to_doctor(by=work.by, now=work.now)
        work.note(Note.About.HAND_OVER)


class HearFromDoctor(Step):
    name, label, done = "doctor-replied", _("The doctor replied"), _("It is your turn again.")
    change = "hear_from_doctor"
    is_main = True

    def do(self, work: Work) -> None:
        work.request.hear_from_doctor(by=work.by, now=work.now)


class Send(Step):
    name, label, done = "send", _("Send"), _("Sent. Close it when nothing else is to come.")
    change = "answer"
    form_class = SendForm
    is_main = True

    def do(self, work: Work) -> None:
        work.request.answer(by=work.by, now=work.now)
        self.say(work)

    def say(self, work: Work) -> None:
        say(
            work.request,
            words=work.words,
            translation=work.said("translation", str),
            form_id=work.said("form", uuid.UUID),
            files=work.files,
            by=work.by,
            now=work.now,
        )


class SendAndWait(Send):
    name, label = "send-wait", _("Send and wait for the patient")
    done = _("Sent. The clock stands still until the patient replies.")
    change = "ask"
    is_main = False

    def do(self, work: Work) -> None:
        work.request.ask(by=work.by, now=work.now)
        self.say(work)


class SendAndClose(Send):
    name, label, done = "send-close", _("Send and close"), _("Sent and closed.")
    change = "close"
    is_main = False

    def do(self, work: Work) -> None:
        super().do(work)
        work.request.close(reason=ClosedReason.ANSWERED, by=work.by, now=work.now)


class Translate(Step):
    """Beside what the patient wrote, for colleagues who do not read their language."""

    name, label, done = "translate", _("Keep the translation"), _("The translation is kept. Only we see it.")
    change = "stay"
    form_class = TranslateForm
    checks_version = False  # it stands beside the words, and replaces none of the patient's

    def is_possible(self, request: ConsultationRequest, *, by: User) -> bool:
        return super().is_possible(request, by=by) and request.may_be_changed(by=by)

    def do(self, work: Work) -> None:
        work.said("message", Message).translate(work.words)
        work.request.stay(now=work.now)


class NewCode(Step):
    name, label = "new-code", _("Give a new return code")
    done = _("The old code is over. A link to the new one, which works once, is on its way by e-mail.")
    change = "renew_code"

    def is_possible(self, request: ConsultationRequest, *, by: User) -> bool:
        return bool(request.email) and super().is_possible(request, by=by)

    def do(self, work: Work) -> None:
        work.request.renew_code(by=work.by, now=work.now)
        tell_patient(OutgoingMail.Kind.NEW_CODE, work.request, now=work.now)


class NewCodeAloud(Step):
    """For somebody on the telephone."""

    name, label, done = "new-code-aloud", _("Give a new code while you speak"), _("The old code is over.")
    change = "renew_code"
    form_class = AloudForm

    def do(self, work: Work) -> None:
        work.request.renew_code(by=work.by, now=work.now, by_letter=False)
        OutgoingMail.objects.waiting().filter(
            reference=work.request.reference, kind=OutgoingMail.Kind.NEW_CODE
        ).delete()  # its link leads nowhere now

    def code_to_read_out(self, request: ConsultationRequest) -> str:
        return return_code(request.form_id, request.codes_ended)


class Hear(Step):
    """What came by mail, phone or WhatsApp, entered for the patient."""

    name, label, done = "came", _("Add what came another way"), _("It stands among the messages now.")
    change = "hear_from_patient"
    form_class = HeardForm

    def is_possible(self, request: ConsultationRequest, *, by: User) -> bool:
        return super().is_possible(request, by=by) and request.may_be_changed(by=by)

    def do(self, work: Work) -> None:
        way, words = work.said("way", str), work.words
        if not words and not (work.files and work.files.attachments.exists()):
            raise uploads.Refused("same", gettext("This file is here already."), status=409)
        take_in(work.request, way=way, words=words, files=work.files, by=work.by, now=work.now)


class Correct(Step):
    name, label = "correct", _("Correct contact, language or cancer")
    done = _("Corrected. What stood there before is in the notes.")
    change = "correct"
    has_page = True
    form_class = CorrectForm

    def do(self, work: Work) -> None:
        request, form = work.request, work.form
        if not isinstance(form, CorrectForm):
            raise TypeError("The form of another step.")
        changes = form.changes
        # Encrypted, and erased with the request: the log of looks holds no words.
        before = [f"{capfirst(named(request, name))}: {answered(request, name) or '–'}" for name in changes]
        request.correct(values=changes, by=work.by, now=work.now)
        Clue.objects.renew(request)
        Note.objects.create(
            request=request,
            text="\n".join([gettext("Before:"), *before]),
            about=Note.About.CORRECTED,
            by=work.by,
            written_at=work.now,
        )
        if "email" in changes:
            _reach_anew(request, work)


def _reach_anew(request: ConsultationRequest, work: Work) -> None:
    """At the corrected address. Where a link to a code went to the old one, it ends: a stranger may read it there."""
    kind = OutgoingMail.Kind.RECEIPT
    if request.codes_ended:
        request.renew_code(by=work.by, now=work.now)
        kind = OutgoingMail.Kind.NEW_CODE
    OutgoingMail.objects.readdress(request.reference, to=request.email)
    tell_patient(kind, request, now=work.now)


class Answer(Step):
    name, label, done = "answer", _("I have answered"), _("Answered. Close it when nothing else is to come.")
    change = "answer"
    form_class = AnswerForm

    def do(self, work: Work) -> None:
        work.request.answer(by=work.by, now=work.now)
        way = work.said("way", str) or Message.Way.PHONE
        Message.objects.create(
            request=work.request, from_staff=True, by=work.by, way=way, written_at=work.now
        )
        work.note(Note.About.PATIENT)


class Close(Step):
    name, label, done = "close", _("Close"), _("Closed.")
    change = "close"
    form_class = CloseForm

    def do(self, work: Work) -> None:
        work.request.close(reason=work.said("reason", str), by=work.by, now=work.now)
        work.note()


class Reopen(Step):
    name, label, done = "reopen", _("Open again"), _("It is open again, with a new time to reply by.")
    change = "reopen"

    def do(self, work: Work) -> None:
        work.request.reopen(by=work.by, now=work.now, due=reply_due(work.now, SiteProfile.current()))


class Flag(Step):
    name, label, done = "flag", _("This is urgent"), _("It stands on top of the queue now.")
    change = "flag"

    def do(self, work: Work) -> None:
        due = reply_due(work.now, SiteProfile.current(), is_urgent=True)
        work.request.flag(by=work.by, now=work.now, due=due)


class Unflag(Step):
    name, label, done = "unflag", _("Not urgent any more"), _("It is sorted by its clock again.")
    change = "unflag"

    def do(self, work: Work) -> None:
        work.request.unflag(by=work.by, now=work.now)


class Link(Step):
    name, label, done = "link", _("Link"), _("Linked. Both requests stay as they are.")
    change = "link"
    form_class = LinkForm

    def do(self, work: Work) -> None:
        work.request.link(to=work.said("reference", ConsultationRequest), by=work.by, now=work.now)


class Unlink(Link):
    name, label, done = "unlink", _("Remove the link"), _("The link is gone.")
    change = "unlink"

    def do(self, work: Work) -> None:
        work.request.unlink(other=work.said("reference", ConsultationRequest), by=work.by, now=work.now)


class MarkSpam(Step):
    name, label = "spam", _("This is spam")
    done = format_lazy(
        _("Put aside as spam. It is erased in {days} days; until then everybody can undo it."),
        days=KEEP_SPAM.days,
    )
    change = "mark_spam"
    form_class = SpamForm
    is_danger = True

    def do(self, work: Work) -> None:
        work.request.mark_spam(by=work.by, now=work.now)


class ClearOfSuspicion(Step):
    name, label, done = "not-spam", _("A real person wrote this"), _("It is in the queue now.")
    change = "clear_of_suspicion"
    is_main = True

    def do(self, work: Work) -> None:
        work.request.clear_of_suspicion(by=work.by, now=work.now)


class Erase(Step):
    name, label, done = "erase", _("Erase for the patient"), _("Everything is erased.")
    change = "erase"
    form_class = EraseForm
    permission = "consultations.erase_consultationrequest"
    is_danger = True

    def do(self, work: Work) -> None:
        work.request.erase(by=work.by, now=work.now)


STEPS: tuple[Step, ...] = (
    ClearOfSuspicion(), Take(), GoOn(), HearFromDoctor(), Send(), SendAndWait(), SendAndClose(), Translate(), Answer(),
    Hear(), ShowToDoctor(), Wait(), HandOver(), Plan(), CheckRecords(), AddNote(), Link(), Unlink(), Flag(), Unflag(),
    Close(), Reopen(), Correct(), NewCode(), NewCodeAloud(), MarkSpam(), Erase(),
)  # fmt: skip
BY_NAME = {step.name: step for step in STEPS}
# What can be done to many at once: nothing that needs words of its own for each.
BULK = ("take", "spam", "not-spam")
BULK_OF = {"suspected": ("not-spam", "spam"), "spam": ("not-spam",), "answered": (), "closed": (), "all": ()}
# Others: take.


def possible(request: ConsultationRequest, *, by: User) -> list[Step]:
    return [step for step in STEPS if step.is_possible(request, by=by)]


def carry_out(step: Step, work: Work, *, then: Callable[[], None]) -> None:
    """The step and what belongs to it: all or nothing. Raises Conflict."""
    with transaction.atomic():
        step.do(work)
        then()
