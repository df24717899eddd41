"""The order of the questions: which page comes next, which is missing, and all answers on one page."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from django import forms
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from content import directory
from content.text.hints import Words
from immuno_site.consultations import email_address
from immuno_site.consultations.fields import EmailField, PhoneField, answers_of
from immuno_site.consultations.forms import (
    AboutForm,
    ConsentForm,
    ContactForm,
    PageForm,
    QuestionForm,
    TestsForm,
)
from immuno_site.consultations.models import Progress
from immuno_site.consultations.models.progress import unfinished
from immuno_site.consultations.phone import isolated


@dataclass(frozen=True)
class Page:
    """One topic of the journey. The documents have no form here: their files are kept one by one."""

    name: str
    title: Words
    form: type[PageForm] | None
    intro: Words = ""
    is_required: bool = True

    @property
    def url(self) -> str:
        return reverse(f"consultations:ask-{self.name}")

    @property
    def number(self) -> int:
        return PAGES.index(self) + 1

    @property
    def questions(self) -> type[PageForm]:
        if self.form is None:
            raise TypeError(f"{self.name} asks nothing.")
        return self.form


PAGES = (
    Page("about", _("Who needs help, and which cancer?"), AboutForm),
    Page("question", _("Your question"), QuestionForm, _("Only the first answer is needed.")),
    Page(
        "tests",
        _("Tests of the tumor"),
        TestsForm,
        _("You can leave all of this empty. Your answers tell us what to ask the hospital for."),
        is_required=False,
    ),
    Page("documents", _("Documents"), None, is_required=False),
    Page("contact", _("How to reach you"), ContactForm),
    Page("consent", _("Your consent"), ConsentForm),
)
BY_NAME = {page.name: page for page in PAGES}
CHECK = "consultations:ask-check"
STEPS = len(PAGES) + 1  # the last one shows all answers


def form_of(page: Page, progress: Progress | None) -> PageForm:
    """The page's form with what was typed there before."""
    answers = progress.answers if progress else {}
    typed = answers.get(unfinished(page.name), answers.get(page.name, {}))
    initial = {name: value for name, value in typed.items() if value not in ("", None)}
    return page.questions(
        initial={**_from_elsewhere(page, answers), **_ticked(initial)}, country=country_in(progress)
    )


def country_in(progress: Progress | None) -> str:
    """Where the patient lives, if that was answered."""
    return str(progress.answers.get("about", {}).get("country", "")) if progress else ""


def _from_elsewhere(page: Page, answers: dict[str, dict[str, object]]) -> dict[str, object]:
    """What the page somebody came from says already: the cancer, or the medicine."""
    kind, _colon, slug = str(answers.get("came_from", {}).get("entry", "")).partition(":")
    if page.name == "about" and kind == "cancer":
        return {"cancer": slug}
    if page.name == "question" and kind == "drug":
        return {"medicine_asked": directory.name_without_page(kind, slug)}
    return {}


def _ticked(answers: dict[str, object]) -> dict[str, object]:
    """A box is a list of one for its field, and yes or no in the answers."""
    return {
        name: (["yes"] if value else []) if isinstance(value, bool) else value
        for name, value in answers.items()
    }


def checked(page: Page, progress: Progress) -> PageForm:
    """The stored answers of a page, held against the questions of today."""
    form = page.questions(data=_ticked(progress.answers.get(page.name, {})), country=country_in(progress))
    form.full_clean()
    return form


def is_answered(page: Page, progress: Progress) -> bool:
    if unfinished(page.name) in progress.answers:
        return False
    if not page.is_required:
        return page.name in progress.answers
    return page.name in progress.answers and checked(page, progress).is_valid()


def missing(progress: Progress) -> Page | None:
    """The first page that has to be filled in before anything can be sent."""
    return next((page for page in PAGES if _holds_up(page, progress)), None)


def _holds_up(page: Page, progress: Progress) -> bool:
    """What was begun on a page is not thrown away without a word, even where nothing has to be answered."""
    was_begun = page.is_required or unfinished(page.name) in progress.answers
    return was_begun and not is_answered(page, progress)


def open_step(progress: Progress) -> str:
    """Where somebody stopped."""
    unseen = (page for page in PAGES if page.name not in progress.answers or _holds_up(page, progress))
    first = next(unseen, None)
    return first.url if first else reverse(CHECK)


def after(page: Page, progress: Progress) -> str:
    """Where "Continue" leads: the next page not seen yet; for a change, back to all answers."""
    later = PAGES[PAGES.index(page) + 1 :]
    unseen = next((other for other in later if other.name not in progress.answers), None)
    return unseen.url if unseen else (first.url if (first := missing(progress)) else reverse(CHECK))


def before(page: Page) -> str:
    """Where the back link leads."""
    place = PAGES.index(page)
    return PAGES[place - 1].url if place else reverse("consultations:ask-help")


@dataclass(frozen=True)
class Consent:
    """When it was given, in which language, to which version of the texts."""

    at: datetime.datetime
    language: str
    version: str

    def kept(self) -> dict[str, object]:
        """Beside the ticks of its page."""
        return {"given_at": self.at.isoformat(), "given_in": self.language, "given_to": self.version}


def consent_in(progress: Progress, *, otherwise: Consent) -> Consent:
    """As it was given. `otherwise` is for those who gave it on a page of the release before."""
    kept = progress.answers.get("consent", {})
    if not kept.get("given_at"):
        return otherwise
    at = datetime.datetime.fromisoformat(str(kept["given_at"]))
    return Consent(at, str(kept["given_in"]), str(kept["given_to"]))


def values(progress: Progress) -> dict[str, object]:
    """Everything typed, by the names of the request's columns."""
    cleaned = {page.name: checked(page, progress).cleaned_data for page in PAGES if page.form}
    consent = cleaned.pop("consent")
    tests = {name: answer for name, answer in cleaned.pop("tests").items() if answer}
    cleaned["about"].pop("patient_agrees")  # who did not agree to that came no further
    return {
        **cleaned["about"],
        **cleaned["question"],
        **cleaned["contact"],
        "tests": tests,
        "may_share": consent["consent_share"],
    }


# --- All answers on one page ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A question and what was answered."""

    label: str
    answer: str
    is_long: bool = False


@dataclass(frozen=True)
class Group:
    """The rows of one page, with the way back to it."""

    page: Page
    rows: list[Row]


def summary(progress: Progress) -> list[Group]:
    return [
        Group(page, list(_rows(checked(page, progress))) if page.form else _documents(progress))
        for page in PAGES
    ]


def _documents(progress: Progress) -> list[Row]:
    names = [attachment.name for attachment in progress.attachments.all()]
    return [Row(gettext("File"), name) for name in names] or [Row(gettext("Files"), gettext("None"))]


def _rows(form: PageForm) -> Iterator[Row]:
    for bound in form:
        value = form.cleaned_data.get(bound.name)
        answer = _shown(bound.field, value)
        if answer and isinstance(bound.field, PhoneField):
            answer = _dialed(answer, form.cleaned_data.get("contact_by"))
        if answer or bound.field.required:
            yield Row(str(bound.label), answer, is_long="\n" in answer or len(answer) > 120)


def _shown(field: forms.Field, value: object) -> str:
    """The answer in the words the patient saw."""
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(field, forms.ChoiceField):
        return str(answers_of(field).get(str(value), "")) if value else ""
    if isinstance(field, EmailField):
        return email_address.shown(str(value or ""))
    return str(value or "")


def _dialed(number: str, contact_by: object) -> str:
    """The number we have made of what was typed: the last chance to see that it is another."""
    if contact_by != "phone":
        return isolated(number)
    return gettext("We will call %(number)s") % {"number": isolated(number)}
