"""What a coordinator fills in to take a step. Each message says what to do."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterator

from django import forms
from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from content.text.hints import HandedOn, Words
from immuno_site.consultations import countries
from immuno_site.consultations.admin.room import name_and_absence
from immuno_site.consultations.fields import AgreementField, LineField, PhoneField, WordsField, field_of
from immuno_site.consultations.forms import ContactForm, cancer_choices
from immuno_site.consultations.models import ClosedReason, ConsultationRequest, Message
from immuno_site.consultations.models.coordinator import answering
from immuno_site.consultations.models.message import ELSEWHERE
from immuno_site.consultations.models.request import KEEP_SPAM
from immuno_site.consultations.records import RECORDS, Record
from immuno_site.consultations.reference import typed_reference

LONG = 10_000


class StepForm(forms.Form):
    """A step without questions: the button is all."""

    use_required_attribute = False
    takes_files = False

    def __init__(
        self,
        data: QueryDict | None = None,
        files: MultiValueDict[str, UploadedFile] | None = None,
        *,
        request: ConsultationRequest,
        by: User,
        **kwargs: HandedOn,
    ) -> None:
        self.request, self.by = request, by
        super().__init__(data, files, **kwargs)


def _words(label: Words, *, required: Words = "", help_text: Words = "", rows: int = 3) -> WordsField:
    return WordsField(
        label=label,
        help_text=help_text,
        max_length=LONG,
        rows=rows,
        required=bool(required),
        error_messages={"required": required} if required else {},
    )


def _day(label: Words) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": _("Choose a day, like 2026-12-31.")},
    )


class NoteForm(StepForm):
    words = _words(
        _("Note"), required=_("Write the note first."), help_text=_("For colleagues. It stays as it is.")
    )


class ColleagueField(forms.ModelChoiceField):
    """A colleague, with why they do not answer if they do not; and that they speak this language."""

    language = ""

    def label_from_instance(self, obj: User) -> str:
        if not self.language or not _speaks(obj, self.language):
            return name_and_absence(obj)
        return gettext("%(name)s, speaks %(language)s") % {
            "name": name_and_absence(obj),
            "language": dict(settings.LANGUAGES).get(self.language, self.language),
        }


class HandOverForm(StepForm):
    to = ColleagueField(
        label=_("Who takes it on?"),
        queryset=User.objects.none(),
        empty_label=_("Choose a colleague"),
        error_messages={
            "required": _("Choose a colleague."),
            "invalid_choice": _("Choose a colleague from the list."),
        },
    )
    words = _words(
        _("What should they know?"), required=_("Write what your colleague should know. One line is enough.")
    )

    def __init__(self, *args: HandedOn, **kwargs: HandedOn) -> None:
        super().__init__(*args, **kwargs)
        field = field_of(self.fields, "to", ColleagueField)
        field.language = self.request.language
        field.iterator = _language_first(self.request.language)
        field.queryset = colleagues().exclude(pk=self.request.owner_id or 0)


def colleagues() -> QuerySet[User]:
    """Those who may work on requests."""
    return answering().select_related("coordinator__covered_by").order_by("first_name", "username")


def _speaks(user: User, language: str) -> bool:
    return language in getattr(getattr(user, "coordinator", None), "languages", [])


def _language_first(language: str) -> type[forms.models.ModelChoiceIterator]:
    """Whoever speaks the patient's language stands on top of the list."""

    class LanguageFirst(forms.models.ModelChoiceIterator):
        def __iter__(self) -> Iterator[tuple[forms.models.ModelChoiceIteratorValue | str, str]]:
            if self.field.empty_label is not None:
                yield "", str(self.field.empty_label)
            for user in sorted(self.queryset, key=lambda user: not _speaks(user, language)):
                yield self.choice(user)

    return LanguageFirst


class PlanForm(StepForm):
    words = LineField(label=_("Next step"), max_length=300, required=False)
    on = _day(_("On which day?"))

    def __init__(self, *args: HandedOn, **kwargs: HandedOn) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"words": self.request.next_action, "on": self.request.next_action_on, **self.initial}

    def clean(self) -> dict[str, object]:
        super().clean()
        data = self.cleaned_data
        if data.get("on") and not data.get("words", "-"):
            self.add_error("words", _("Write what is to be done on that day."))
        return data


class WaitForm(StepForm):
    words = LineField(
        label=_("What does the patient have to send or decide?"),
        max_length=300,
        error_messages={"required": _("Write what you are waiting for.")},
    )
    on = _day(_("When do you ask again?"))

    def clean_on(self) -> datetime.date | None:
        day = self.cleaned_data["on"]
        if day and day < timezone.localdate():
            raise ValidationError(_("Choose today or a later day."), code="past")
        return day


class DoctorForm(StepForm):
    words = LineField(
        label=_("Which doctor?"),
        max_length=300,
        error_messages={"required": _("Write the name of the doctor.")},
    )
    agreed = AgreementField(
        label=_("The patient asked us to ask first"),
        sentence=_("I told the patient the doctor’s name, and the patient agreed."),
        error_messages={"required": _("Ask the patient first. Then tick this box.")},
    )

    def __init__(self, *args: HandedOn, **kwargs: HandedOn) -> None:
        super().__init__(*args, **kwargs)
        if self.request.may_share:
            del self.fields["agreed"]


class SendForm(StepForm):
    """A message to the patient. Its number comes with the page, so that it is sent once."""

    takes_files = True
    form = forms.UUIDField(widget=forms.HiddenInput, required=False)
    words = WordsField(
        label=_("Message to the patient"),
        max_length=LONG,
        rows=10,
        error_messages={"required": _("Write the message first.")},
    )
    translation = _words(
        _("In our own language (optional)"),
        help_text=_("For colleagues. The patient does not see it."),
        rows=4,
    )

    def __init__(self, *args: HandedOn, **kwargs: HandedOn) -> None:
        super().__init__(*args, **kwargs)
        self.fields["words"].widget.attrs |= {"lang": self.request.language, "dir": "auto"}

    def clean_form(self) -> uuid.UUID:
        number: uuid.UUID | None = self.cleaned_data["form"]
        return number or uuid.uuid4()


class TranslateForm(StepForm):
    """A translation of one message of the patient, for colleagues. Empty takes it away."""

    message = forms.IntegerField(widget=forms.HiddenInput)
    words = _words(_("Our translation"), rows=4)

    def clean_message(self) -> Message:
        message = self.request.messages.filter(from_staff=False, pk=self.cleaned_data["message"]).first()
        if message is None:
            raise ValidationError(_("This message is not here any more."), code="gone")
        return message


class HeardForm(StepForm):
    """What the patient sent or said elsewhere, so that it stands where everything stands."""

    takes_files = True
    way = forms.ChoiceField(
        label=_("How did it come?"),
        choices=ELSEWHERE,
        initial=Message.Way.EMAIL,
        error_messages={
            "required": _("Choose how it came."),
            "invalid_choice": _("Choose one of the ways."),
        },
    )
    words = _words(
        _("What they wrote or said (optional)"),
        help_text=_("It stands among the messages, and the patient sees it there."),
        rows=5,
    )

    def clean(self) -> dict[str, object]:
        super().clean()
        if not self.cleaned_data.get("words", "-") and not self.files.getlist("files"):
            self.add_error("words", _("Write what came, or choose a file."))
        return self.cleaned_data


class ContactOfPatient(ContactForm):
    """How to reach the person who asks, as staff write it down."""

    contact_when = time_zone = may_leave_message = None  # type: ignore[assignment] # Django's way to leave one out

    def __init__(self, *args: HandedOn, **kwargs: HandedOn) -> None:
        super().__init__(*args, **kwargs)
        labels = {"name": _("Name"), "contact_by": _("They want to be answered"), "language": _("Language")}
        for name, label in labels.items():
            self.fields[name].label = label
        self.fields["contact_by"].initial = "phone"
        self.fields["name"].help_text = _("As they want to be called.")
        self.fields["name"].error_messages["required"] = _("Enter their name.")
        for field in self.fields.values():  # the browser of a member of staff keeps no patients
            field.widget.attrs["autocomplete"] = "off"


class EnterForm(ContactOfPatient):
    """A request of somebody who called, mailed or wrote: what is needed to answer them, in one page."""

    # Named by the page, so that however often it is sent it is one request.
    form = forms.UUIDField(widget=forms.HiddenInput, required=False)
    way = forms.ChoiceField(
        label=_("How did they reach us?"),
        choices=ELSEWHERE,
        widget=forms.RadioSelect,
        initial=Message.Way.PHONE,
        error_messages={
            "required": _("Choose how they reached us."),
            "invalid_choice": _("Choose one of the ways."),
        },
    )
    question = WordsField(
        label=_("What do they ask?"),
        help_text=_("In their words and language, if you can."),
        max_length=LONG,
        rows=6,
        error_messages={"required": _("Write what they ask. One sentence is enough.")},
    )
    symptoms = WordsField(label=_("Symptoms now (optional)"), max_length=5_000, rows=2, required=False)
    for_whom = forms.ChoiceField(
        label=_("For whom?"),
        choices=[
            ("me", _("Themselves")),
            ("relative", _("Somebody in their family, or a friend")),
            ("patient", _("A patient they treat")),
        ],
        initial="me",
    )
    cancer = forms.ChoiceField(label=_("Cancer"), choices=cancer_choices, required=False)
    cancer_words = LineField(label=_("Cancer, in their words (optional)"), max_length=300, required=False)
    country = forms.ChoiceField(
        label=_("Country of the patient"),
        choices=lambda: [("", _("Not known")), *countries.by_name()],
        required=False,
        help_text=_("Their emergency number follows from it."),
    )
    consent = AgreementField(
        label=_("Did they agree?"),
        sentence=_(
            "I told them that the coordinators read and keep what they tell us, including health data, to answer "
            "them. They agreed."
        ),
        error_messages={"required": _("Ask them first, then tick the box. Without it we may not keep it.")},
    )
    consent_share = AgreementField(
        label=_("May we show it to doctors? (optional)"),
        sentence=_("They agreed that it is passed on to doctors, whose names we tell them."),
        required=False,
    )
    field_order = (
        "form", "way", "name", "phone", "email", "contact_by", "language", "country", "for_whom", "question",
        "symptoms", "cancer", "cancer_words", "consent", "consent_share",
    )  # fmt: skip

    def clean_form(self) -> uuid.UUID:
        number: uuid.UUID | None = self.cleaned_data["form"]
        return number or uuid.uuid4()

    @property
    def answers(self) -> dict[str, object]:
        """By the names of the request's columns."""
        ours = ("form", "way", "consent", "consent_share")
        told = {name: value for name, value in self.cleaned_data.items() if name not in ours}
        return {**told, "may_share": self.cleaned_data["consent_share"]}


class CorrectForm(StepForm, ContactOfPatient):
    """What was mistyped. Everything else stays as the patient told it."""

    cancer = forms.ChoiceField(label=_("Cancer"), choices=cancer_choices, required=False)
    cancer_words = LineField(label=_("Cancer, in their words"), max_length=300, required=False)
    country = forms.ChoiceField(
        label=_("Country"), choices=lambda: [("", _("Not known")), *countries.by_name()], required=False
    )

    def __init__(self, *args: HandedOn, **kwargs: HandedOn) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {**{name: getattr(self.request, name) for name in self.fields}, **self.initial}
        field_of(self.fields, "phone", PhoneField).country = self.request.country

    def clean(self) -> dict[str, object]:
        super().clean()
        if not self.errors and not self.changes:
            self.add_error(None, _("Nothing is different yet. Correct what is wrong, then keep it."))
        return self.cleaned_data

    @property
    def changes(self) -> dict[str, str]:
        """The new values of what is different."""
        data = self.cleaned_data.items()
        return {name: value for name, value in data if value != getattr(self.request, name)}


class AnswerForm(StepForm):
    way = forms.ChoiceField(
        label=_("How?"),
        choices=ELSEWHERE,
        initial=Message.Way.PHONE,
        required=False,
        error_messages={"invalid_choice": _("Choose one of the ways.")},
    )
    words = _words(
        _("What did you tell the patient?"),
        required=_("Write what the patient was told, so that a colleague can go on from there."),
        help_text=_("For colleagues. Nothing is sent: the patient sees that you answered, and how."),
        rows=8,
    )


class CloseForm(StepForm):
    reason = forms.ChoiceField(
        label=_("Why is it closed?"),
        choices=[choice for choice in ClosedReason.choices if choice[0] != ClosedReason.SPAM],
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose why it is closed."),
            "invalid_choice": _("Choose one of the reasons."),
        },
    )
    words = _words(_("Note (optional)"), rows=2)


class SpamForm(StepForm):
    sure = AgreementField(
        label=_("Are you sure?"),
        help_text=format_lazy(
            _(
                "It leaves every list of work and is erased in {days} days. Until then everybody finds it under “Spam” "
                "and can undo this. Nobody is written to."
            ),
            days=KEEP_SPAM.days,
        ),
        sentence=_("I read it: no patient wrote this."),
        error_messages={
            "required": _("Read it, then tick the box. If you are not sure, leave it in its list.")
        },
    )


class AloudForm(StepForm):
    sure = AgreementField(
        label=_("Who do you speak to?"),
        help_text=_(
            "Ask for the reference, and for something that only the patient knows of this request. The code opens all "
            "of it."
        ),
        sentence=_("It is the patient, or the relative who wrote for them."),
        error_messages={
            "required": _("Make sure who it is, then tick the box. If you are not, call them back.")
        },
    )


class RecordsForm(StepForm):
    """One question for each record."""

    def __init__(self, *args: HandedOn, **kwargs: HandedOn) -> None:
        super().__init__(*args, **kwargs)
        for key, name in RECORDS.items():
            self.fields[key] = forms.ChoiceField(
                label=name,
                choices=[("", _("Not looked at")), *Record.choices],
                required=False,
                initial=self.request.records.get(key, ""),
                error_messages={"invalid_choice": _("Choose one of the answers.")},
            )


class LinkForm(StepForm):
    reference = LineField(
        label=_("Reference of the other request"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Enter the reference of the other request.")},
    )

    def clean_reference(self) -> ConsultationRequest:
        """The other request, if there is one that this person may see."""
        reference = typed_reference(self.cleaned_data["reference"])
        visible = ConsultationRequest.objects.visible_to(self.by).exclude(pk=self.request.pk)
        other = visible.filter(reference=reference).first()
        if other is None:
            raise ValidationError(_("There is no other request with this reference."), code="unknown")
        return other


class EraseForm(StepForm):
    reference = LineField(
        label=_("Type the reference to erase everything"),
        help_text=_(
            "Only when the patient asks for it. Files, notes and letters go too. It cannot be undone."
        ),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Type the reference of this request.")},
    )

    def clean_reference(self) -> str:
        if typed_reference(self.cleaned_data["reference"]) != self.request.reference:
            raise ValidationError(_("This is not the reference of this request."), code="other")
        return self.request.reference
