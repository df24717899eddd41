"""Who runs the site and how to reach them. What is left empty is not shown."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from content.emergency import Dial, dial_of, dials_in, in_readers_words
from content.lines import LinesField
from content.text import dialing, opening_hours
from content.text.hints import Words


def default_emergency_numbers() -> list[str]:
    return [
        "112 in the European Union",
        "911 in the United States",
        "101 in Israel",
        "999 in the United Kingdom",
    ]


class Text(NamedTuple):
    """Words of the profile and the language they are in."""

    words: str
    language: str


class SiteProfile(models.Model):
    """One row. Edited in place; the admin keeps the log."""

    organization = models.CharField(_("organization"), max_length=160, blank=True, default="", db_default="")
    about = models.TextField(_("who we are"), blank=True, default="", db_default="")
    who_pays = models.TextField(
        _("who pays us"),
        blank=True,
        default="",
        db_default="",
        help_text=_("Shown beside every call to action, in plain words."),
    )
    license_number = models.CharField(
        _("license number"), max_length=60, blank=True, default="", db_default=""
    )
    register_url = models.URLField(_("public register"), blank=True, default="", db_default="")
    phone = models.CharField(_("phone"), max_length=40, blank=True, default="", db_default="")
    whatsapp = models.CharField(_("WhatsApp"), max_length=40, blank=True, default="", db_default="")
    viber = models.CharField(_("Viber"), max_length=40, blank=True, default="", db_default="")
    privacy_contact = models.CharField(
        _("privacy contact"),
        max_length=160,
        blank=True,
        default="",
        db_default="",
        help_text=_("Whom to ask about one's data: a name and an address or e-mail."),
    )
    email = models.EmailField(_("e-mail"), blank=True, default="", db_default="")
    address = models.TextField(_("address"), blank=True, default="", db_default="")
    reply_working_days = models.PositiveSmallIntegerField(
        _("we reply within (working days)"), default=1, db_default=1
    )
    working_hours = models.CharField(
        _("working hours"),
        max_length=120,
        default="Sunday-Thursday, 9:00-17:00",
        db_default="Sunday-Thursday, 9:00-17:00",
    )
    urgent_hours = models.PositiveSmallIntegerField(
        _("urgent words: we reply within (hours)"),
        default=2,
        db_default=2,
        help_text=_("To who writes of what may not wait: hours of the next line, never later than others."),
    )
    on_call_hours = models.CharField(
        _("on call for urgent words"),
        max_length=120,
        blank=True,
        default="",
        db_default="",
        help_text=_(
            "As working hours, like Sunday-Friday, 8:00-22:00. Empty: the working hours. Closed days are closed."
        ),
    )
    on_call_email = models.EmailField(
        _("e-mail on call"),
        blank=True,
        default="",
        db_default="",
        help_text=_(
            "Letters about urgent words go here too. They hold a reference and a link, nothing else."
        ),
    )
    closed_days = LinesField(_("closed days"), help_text=_("Dates as 2026-12-31, one a line."))
    data_license = models.CharField(
        _("license of the open data"),
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text=_("Its name or address, as CC BY 4.0. Empty: nobody is told that they may use the data."),
    )
    emergency_numbers = LinesField(
        _("emergency numbers"),
        default=default_emergency_numbers,
        help_text=_("One a line, as 112 in the European Union. The first four are large buttons."),
    )

    # Without these nobody is asked for health records where texts must be reviewed.
    MUST_SAY = ("organization", "privacy_contact", "who_pays")
    IN_EVERY_LANGUAGE = ("about", "who_pays", "working_hours", "address")

    class Meta:
        verbose_name = verbose_name_plural = _("site profile")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(pk=1),
                name="site_profile_single",
                violation_error_message=_("There is one site profile; edit it."),
            )
        ]

    def __str__(self) -> str:
        return self.organization or "Site profile"

    def clean(self) -> None:
        """A time that cannot be read would count as open, and patients be promised what nobody keeps."""
        problems = {name: words for name, words in self.unreadable_times.items() if words}
        if self.reply_working_days == 0:
            problems["reply_working_days"] = [gettext("Promise at least one working day.")]
        if self.urgent_hours == 0:
            problems["urgent_hours"] = [gettext("Promise at least one hour.")]
        if problems:
            raise ValidationError(problems)

    @property
    def unreadable_times(self) -> dict[str, list[str]]:
        """Column -> what to change in it."""
        return {
            "working_hours": _problems(opening_hours.week_of, [self.working_hours]),
            "on_call_hours": _problems(
                opening_hours.week_of, [self.on_call_hours] if self.on_call_hours else []
            ),
            "closed_days": _problems(opening_hours.day_of, self.closed_days),
        }

    @property
    def dials(self) -> list[Dial]:
        return [dial_of(line) for line in self.emergency_numbers]

    def dials_for(self, country: str) -> list[Dial]:
        """What somebody who lives there dials; our own where the table does not know it."""
        return dials_in(country) or self.dials

    @property
    def hours_words(self) -> str:
        words, language = self.text("working_hours")
        return words if language == get_language() != "en" else in_readers_words(words)

    @property
    def phone_address(self) -> str:
        return dialing.tel(self.phone)

    @property
    def viber_address(self) -> str:
        return dialing.viber(self.viber)

    @property
    def not_filled_in(self) -> list[Words]:
        """What "who we are" lacks."""
        return self._names_of_empty("organization", "about", "license_number", "who_pays", "privacy_contact")

    @property
    def unsaid(self) -> list[Words]:
        """What patients must be told before they send anything, and are not told yet."""
        return self._names_of_empty(*self.MUST_SAY)

    def _names_of_empty(self, *names: str) -> list[Words]:
        called = {field.name: field.verbose_name for field in self._meta.concrete_fields}
        return [called[name] for name in names if not getattr(self, name)]

    def text(self, name: str) -> Text:
        """In the reader's language, or in English. `name` is one of IN_EVERY_LANGUAGE."""
        language = get_language() or "en"
        words = "" if language == "en" else self._texts.get(language, {}).get(name, "")
        return Text(words, language) if words else Text(getattr(self, name), "en")

    @cached_property
    def _texts(self) -> dict[str, dict[str, str]]:
        """Language -> name -> words."""
        rows = self.texts.all() if not self._state.adding else []
        return {row.language: {name: getattr(row, name) for name in self.IN_EVERY_LANGUAGE} for row in rows}

    @property
    def told_beside_columns(self) -> object:
        """A component drawn of this row is drawn anew when this changes. English asks for no second query."""
        return None if get_language() == "en" else self._texts

    @classmethod
    def current(cls) -> SiteProfile:
        """The one row, or its defaults before anybody filled it in."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)


def _problems(read: Callable[[str], object], lines: list[str]) -> list[str]:
    problems = []
    for line in lines:
        try:
            read(line)
        except opening_hours.Unreadable as unreadable:
            problems.append(str(unreadable))
    return problems


_OTHER_LANGUAGES = [(code, name) for code, name in settings.LANGUAGES if code != "en"]


class SiteProfileText(models.Model):
    """The profile's words in one more language. What is left empty is shown in English, and marked so."""

    profile = models.ForeignKey(SiteProfile, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(_("language"), max_length=10, choices=_OTHER_LANGUAGES)
    about = models.TextField(_("who we are"), blank=True, default="", db_default="")
    who_pays = models.TextField(_("who pays us"), blank=True, default="", db_default="")
    working_hours = models.CharField(
        _("working hours"), max_length=120, blank=True, default="", db_default=""
    )
    address = models.TextField(_("address"), blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("text in another language")
        verbose_name_plural = _("texts in other languages")
        ordering = ["language"]
        constraints = [
            models.UniqueConstraint(
                fields=["profile", "language"],
                name="site_profile_text_once",
                violation_error_message=_("There is already a text in this language."),
            )
        ]

    def __str__(self) -> str:
        return self.get_language_display()

    def clean(self) -> None:
        """Nobody is told other hours because they read another language."""
        told, kept = (
            opening_hours.times_in(words) for words in (self.working_hours, self.profile.working_hours)
        )
        if told and told != kept:
            words = gettext(
                "These are not the hours above (%(hours)s). Write the same times, like 9:00-17:00."
            )
            raise ValidationError({"working_hours": words % {"hours": self.profile.working_hours}})
