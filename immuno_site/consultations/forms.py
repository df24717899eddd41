"""The contract with the patient: every question, hint, limit and message of the journey, a form for each page."""

from __future__ import annotations

import datetime
import re

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from content import directory
from content.models import SiteProfile
from content.text.hints import HandedOn, Words
from immuno_site.consultations import countries, local_time
from immuno_site.consultations.characters import for_machines
from immuno_site.consultations.fields import (
    AgreementField,
    CityInput,
    EmailField,
    LineField,
    PhoneField,
    WordsField,
    field_of,
)
from immuno_site.consultations.spam import TrapForm

NOT_SURE, OTHER_CANCER = "not-sure", "other"
# A use of medicines, not something a doctor tells a person they have.
NOT_A_DIAGNOSIS = {"any-solid-tumor"}
EMPTY = [("", _("Choose one"))]
OLDEST = 120

# The texts a patient agrees to. Change one and give it a new version: each request stores which it saw.
CONSENT_VERSION = "2026-11"
CONSENT_USE = _(
    "I agree that the coordinators read what I send, including my health data, to answer my question."
)
CONSENT_SHARE = _("You may pass it on to doctors. You will tell me their names.")
CONSENT_CALL = _("I agree that the coordinators use my name and number to call me back.")


def cancer_choices() -> list[tuple[str, object]]:
    """The library's cancers, and two ways out of the list."""
    listed = directory.all_of("cancer", get_language() or "en")
    return [
        *EMPTY,
        (NOT_SURE, _("I am not sure")),
        *((entry.slug, entry.name) for entry in listed if entry.slug not in NOT_A_DIAGNOSIS),
        (OTHER_CANCER, _("Another cancer")),
    ]


class PageForm(forms.Form):
    """A page of the journey. The messages are ours, so the browser's own are off."""

    use_required_attribute = False

    def __init__(self, *args: HandedOn, country: str = "", **kwargs: HandedOn) -> None:
        """`country` is where the patient lives, as an earlier page was told."""
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            suggest_cities(field, country)
            if isinstance(field, PhoneField):
                field.country = country


class AboutForm(PageForm):
    """Who it is for and which cancer."""

    for_whom = forms.ChoiceField(
        label=_("Who is this request for?"),
        choices=[
            ("me", _("Me")),
            ("relative", _("Somebody in my family, or a friend")),
            ("patient", _("A patient I treat")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose who this request is for.")},
    )
    patient_agrees = AgreementField(
        label=_("If you ask for somebody else"),
        sentence=_("They know about this request and agree to it."),
        required=False,
    )
    cancer = forms.ChoiceField(
        label=_("Which cancer is it?"),
        choices=cancer_choices,
        error_messages={
            "required": _("Choose a cancer, or “I am not sure”."),
            "invalid_choice": _("Choose a cancer from the list, or “Another cancer”."),
        },
    )
    cancer_words = LineField(
        label=_("The cancer in your own words (optional)"),
        help_text=_("If it is not in the list, or if the doctors used another name."),
        max_length=300,
        required=False,
    )
    stage = LineField(
        label=_("Stage, or where it has spread (optional)"),
        help_text=_("For example: stage 3, or spread to the liver."),
        max_length=300,
        required=False,
    )
    country = forms.ChoiceField(
        label=_("Where does the patient live?"),
        choices=lambda: [*EMPTY, *countries.by_name()],
        error_messages={
            "required": _("Choose a country."),
            "invalid_choice": _("Choose a country from the list, or “Somewhere else”."),
        },
    )
    birth_year = LineField(
        label=_("The patient’s year of birth (optional)"),
        help_text=_("The year is enough. For example: 1962."),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": "4", "autocomplete": "off"}),
    )

    def clean_birth_year(self) -> str:
        typed = for_machines(self.cleaned_data["birth_year"]).strip()
        if typed and (sentence := _wrong_year(typed)):
            raise ValidationError(sentence, code="year")
        return typed

    def clean(self) -> dict[str, object]:
        super().clean()
        data = self.cleaned_data
        if data.get("for_whom") == "me":
            data["patient_agrees"] = None  # nobody else to ask, so nothing to show among the answers
        elif data.get("for_whom") and not data.get("patient_agrees"):
            self.add_error(
                "patient_agrees", _("Ask them first, and then tick the box. Without it we cannot help.")
            )
        if data.get("cancer") == OTHER_CANCER and not data.get("cancer_words", "x"):
            self.add_error("cancer_words", _("Write which cancer it is."))
        return data


def _wrong_year(typed: str) -> Words:
    """Why this is no year of birth, and what to enter; empty when it is one."""
    this_year = datetime.datetime.now(datetime.UTC).year
    if not re.fullmatch("[0-9]{4}", typed):
        has_year = re.search("(?<![0-9])[0-9]{4}(?![0-9])", typed)
        return (
            _("Enter the year only, like 1962.")
            if has_year
            else _("Enter a year with four digits, like 1962.")
        )
    year = int(typed)
    if not this_year - 2 * OLDEST < year < this_year + 2 * OLDEST:
        return _("Is this a year of another calendar? Enter it like 1962.")
    if year > this_year:
        return _("This year is in the future. Enter the year of birth, like 1962.")
    return (
        "" if year >= this_year - OLDEST else _("This is too long ago. Enter the year of birth, like 1962.")
    )


class QuestionForm(PageForm):
    """What the patient wants to know."""

    question = WordsField(
        label=_("What is your question?"),
        help_text=_("Write as you would say it. Any language is fine."),
        max_length=20_000,
        rows=8,
        error_messages={"required": _("Write your question. One sentence is enough.")},
        too_long=_(
            "Your question has %(show_value)d characters. Shorten it to %(limit_value)d, "
            "or send the rest as a file."
        ),
    )
    medicine_asked = LineField(
        label=_("Is it about one medicine? Which? (optional)"), max_length=200, required=False
    )
    treatments = WordsField(
        label=_("Treatments so far (optional)"),
        help_text=_("Surgery, radiation, medicines, with dates if you know them."),
        max_length=5_000,
        rows=4,
        required=False,
    )
    medicines = WordsField(
        label=_("Medicines taken now (optional)"), max_length=5_000, rows=3, required=False
    )
    symptoms = WordsField(label=_("Symptoms now (optional)"), max_length=5_000, rows=3, required=False)
    conditions = WordsField(
        label=_("Autoimmune disease, or a transplant (optional)"),
        help_text=_("For example: rheumatoid arthritis, ulcerative colitis, a kidney transplant."),
        max_length=5_000,
        rows=3,
        required=False,
    )


def _test_field(label: Words, explained: Words) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        help_text=explained,
        choices=[
            ("have", _("I have the result")),
            ("not-done", _("It was not done")),
            ("not-sure", _("I am not sure")),
        ],
        widget=forms.RadioSelect,
        required=False,
        error_messages={"invalid_choice": _("Choose one of the three answers.")},
    )


def _result_field(label: Words, example: Words) -> LineField:
    return LineField(label=label, help_text=example, max_length=500, required=False)


class TestsForm(PageForm):
    """Which test results exist, and what they say. All optional: it tells us what to ask the hospital for."""

    __test__ = False  # its name makes pytest curious

    pd_l1 = _test_field(
        _("PD-L1"),
        _("How much of a protein the cancer cells carry. In a report: TPS, CPS or TC, and a number."),
    )
    pd_l1_result = _result_field(
        _("PD-L1: what does the report say? (optional)"),
        _("For example: TPS 60%. Copy the line as it stands."),
    )
    msi = _test_field(
        _("MSI or MMR"),
        _("Whether the cells still mend copying errors of their DNA. In a report: MSI-H, MSS, dMMR or pMMR."),
    )
    msi_result = _result_field(
        _("MSI or MMR: what does the report say? (optional)"), _("For example: MSI-H.")
    )
    tmb = _test_field(
        _("TMB (tumor mutational burden)"),
        _("How many changes the DNA of the tumor has. In a report: mutations per megabase."),
    )
    tmb_result = _result_field(
        _("TMB: what does the report say? (optional)"), _("For example: 14 mutations per megabase.")
    )
    gene_panel = _test_field(
        _("Gene panel (NGS)"),
        _("Many genes of the tumor, read in one test. Its report often has several pages."),
    )
    gene_panel_result = _result_field(
        _("Gene panel: which changes does the report name? (optional)"),
        _("For example: KRAS G12C. Or add the report as a file on the next page."),
    )


CONTACT_WHEN = [
    ("any", _("Any time")),
    ("morning", _("In the morning")),
    ("afternoon", _("In the afternoon")),
    ("evening", _("In the evening")),
]


def name_field() -> LineField:
    return LineField(
        label=_("Your name"),
        help_text=_("As you want to be called."),
        max_length=200,
        too_long=_("This name has %(show_value)d characters. Shorten it to %(limit_value)d."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Enter the name you want to be called by.")},
    )


def language_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("In which language shall we answer?"),
        choices=settings.LANGUAGES,
        initial=get_language,
        error_messages={
            "required": _("Choose a language."),
            "invalid_choice": _("Choose a language from the list."),
        },
    )


def when_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("When is a good time for you?"),
        choices=CONTACT_WHEN,
        initial="any",
        widget=forms.RadioSelect,
        required=False,
        error_messages={"invalid_choice": _("Choose one of the times.")},
    )


def time_zone_field() -> LineField:
    return LineField(
        label=_("Your city or time zone (optional)"),
        help_text=_("So that we do not call at night."),
        max_length=100,
        required=False,
        widget=CityInput(attrs={"autocomplete": "off"}),
    )


def suggest_cities(field: forms.Field, country: str) -> None:
    """Those of the country, with the time there now: who sees their own clock knows that it is right."""
    now = datetime.datetime.now(datetime.UTC)
    if isinstance(field.widget, CityInput):
        field.widget.suggested = [
            (city, f"{city}, {time:%H:%M}") for city, time in local_time.cities(country, now=now)
        ]


class ContactForm(PageForm):
    """How to reach the person who asks."""

    name = name_field()
    email = EmailField(
        label=_("E-mail"), help_text=_("E-mail or phone: one of them is enough."), required=False
    )
    phone = PhoneField(
        label=_("Phone"), help_text=_("With the country code, like +1 555 010 0000."), required=False
    )
    contact_by = forms.ChoiceField(
        label=_("How shall we answer?"),
        help_text=_("If you gave both. Otherwise we use the one you gave."),
        choices=[],
        widget=forms.RadioSelect,
        required=False,
        error_messages={"invalid_choice": _("Choose one of the ways to answer.")},
    )
    language = language_field()
    contact_when = when_field()
    time_zone = time_zone_field()
    may_leave_message = forms.ChoiceField(
        label=_("If you do not pick up, may we leave a message?"),
        help_text=_("Others may hear it. We leave our name and number only."),
        choices=[("no", _("No")), ("yes", _("Yes"))],
        initial="no",
        widget=forms.RadioSelect,
        required=False,
        error_messages={"invalid_choice": _("Choose yes or no.")},
    )

    def __init__(self, *args: HandedOn, **kwargs: HandedOn) -> None:
        super().__init__(*args, **kwargs)
        field_of(self.fields, "contact_by", forms.ChoiceField).choices = channels_of_profile()

    def clean(self) -> dict[str, object]:
        super().clean()
        data = self.cleaned_data
        has_email, has_phone = data.get("email"), data.get("phone")
        is_typed = has_email or has_phone or "email" in self.errors or "phone" in self.errors
        if not is_typed:
            self.add_error("email", _("Enter an e-mail address or a phone number, so that we can answer."))
        elif not data.get("contact_by") and "contact_by" not in self.errors:
            self._choose_way()
        elif data.get("contact_by") == "email" and not has_email and "email" not in self.errors:
            self.add_error("email", _("Enter an e-mail address, or choose another way to be answered."))
        elif data.get("contact_by", "email") != "email" and not has_phone and "phone" not in self.errors:
            self.add_error("phone", _("Enter a phone number, or choose e-mail as the way to be answered."))
        return data

    def _choose_way(self) -> None:
        """Nobody has to say how, where there is one way only."""
        data = self.cleaned_data
        if data.get("email") and data.get("phone"):
            self.add_error("contact_by", _("Choose how we shall answer."))
        else:
            data["contact_by"] = "email" if data.get("email") else "phone"


def channels_of_profile() -> list[tuple[str, object]]:
    """E-mail and phone always; the messengers only if the clinic has them."""
    profile = SiteProfile.current()
    extra = [("whatsapp", "WhatsApp", profile.whatsapp), ("viber", "Viber", profile.viber)]
    return [
        ("email", _("By e-mail")),
        ("phone", _("By phone")),
        *((code, name) for code, name, number in extra if number),
    ]


class ConsentForm(PageForm):
    """Two separate decisions, neither made for anybody."""

    consent_use = AgreementField(
        label=_("May we use what you send?"),
        sentence=CONSENT_USE,
        error_messages={
            "required": _("Tick this box if you want us to answer. Without it we may not read your request.")
        },
    )
    consent_share = AgreementField(
        label=_("May we show it to doctors? (optional)"),
        help_text=_("If you leave this box empty, we ask you first."),
        sentence=CONSENT_SHARE,
        required=False,
    )


class SendForm(TrapForm, PageForm):
    """The last button."""
