"""The forms of one page: a call back, the way back to a request, a remark on a page."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from content.text.hints import HandedOn
from immuno_site.consultations.fields import AgreementField, LineField, PhoneField, WordsField, field_of
from immuno_site.consultations.forms import (
    CONSENT_CALL,
    PageForm,
    channels_of_profile,
    language_field,
    name_field,
    time_zone_field,
    when_field,
)
from immuno_site.consultations.models import Feedback
from immuno_site.consultations.models.message import LONGEST_MESSAGE
from immuno_site.consultations.spam import TrapForm


class CallbackForm(TrapForm, PageForm):
    """The short way: one page, one call."""

    name = name_field()
    phone = PhoneField(
        label=_("Your phone number"),
        help_text=_("With the country code, like +1 555 010 0000."),
        error_messages={"required": _("Enter the number we shall call.")},
    )
    contact_by = forms.ChoiceField(
        label=_("How shall we reach you?"),
        choices=[],
        widget=forms.RadioSelect,
        initial="phone",
        error_messages={
            "required": _("Choose how we shall reach you."),
            "invalid_choice": _("Choose one of the ways to reach you."),
        },
    )
    language = language_field()
    contact_when = when_field()
    time_zone = time_zone_field()
    consent_use = AgreementField(
        label=_("May we use what you send?"),
        sentence=CONSENT_CALL,
        error_messages={"required": _("Tick this box if you want us to call you back.")},
    )

    def __init__(self, *args: HandedOn, **kwargs: HandedOn) -> None:
        super().__init__(*args, **kwargs)
        field_of(self.fields, "contact_by", forms.ChoiceField).choices = channels_of_profile()[1:]


class ReturnForm(PageForm):
    """The way back to a request that was sent."""

    reference = LineField(
        label=_("Reference"),
        help_text=_("Like IM-7K3Q-94. It stands on the page you saw after sending."),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "ltr"}),
        error_messages={"required": _("Enter the reference.")},
    )
    code = LineField(
        label=_("Return code"),
        help_text=_("Seven groups of letters and digits, from the same page."),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "dir": "ltr"}),
        error_messages={"required": _("Enter the return code.")},
    )


class MessageForm(PageForm):
    """What a patient writes to us, with files or without."""

    words = WordsField(
        label=_("Write to us"),
        help_text=_("Your coordinator reads it. If you get worse, do not wait for us: call your own team."),
        max_length=LONGEST_MESSAGE,
        rows=5,
        required=False,
    )


class WithdrawForm(PageForm):
    """Erasing cannot be undone, so it is asked twice."""

    sure = AgreementField(
        label=_("Are you sure?"),
        sentence=_("Erase my request and all its files. This cannot be undone."),
        error_messages={"required": _("Tick the box if you want everything erased.")},
    )


class FeedbackForm(TrapForm, PageForm):
    """A remark on a page, without anything about the reader."""

    page = LineField(
        label=_("Which page is it about? (optional)"),
        help_text=_("Its address, like /drugs/pembrolizumab/."),
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"}),
    )
    about = forms.ChoiceField(
        label=_("What did you notice?"),
        choices=Feedback.About,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what you noticed."),
            "invalid_choice": _("Choose one of the four answers."),
        },
    )
    words = WordsField(
        label=_("Tell us more"),
        help_text=_("Do not write about your health or who you are. We cannot reply to this form."),
        max_length=5_000,
        rows=5,
        error_messages={"required": _("Write a few words about it.")},
    )
