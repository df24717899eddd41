"""Who runs the site and how to reach them. What is left empty is not shown."""

from __future__ import annotations

from django.db import models
from django.utils.translation import get_language_bidi, gettext
from django.utils.translation import gettext_lazy as _

from content.lines import LinesField


def default_emergency_numbers() -> list[str]:
    return ["112 in the European Union", "911 in the United States", "101 in Israel"]


def _in_readers_words(line: str) -> str:
    """A line we came with in the reader's language; one an editor typed as it is, in its own direction."""
    words = gettext(line) if line else ""
    return f"\u2068{words}\u2069" if get_language_bidi() else words


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
    closed_days = LinesField(_("closed days"), help_text=_("Dates as 2026-12-31, one a line."))
    emergency_numbers = LinesField(
        _("emergency numbers"), default=default_emergency_numbers, help_text=_("One a line.")
    )

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

    @property
    def emergency_words(self) -> str:
        """All numbers in one line."""
        return gettext(", ").join(map(_in_readers_words, self.emergency_numbers))

    @property
    def hours_words(self) -> str:
        return _in_readers_words(self.working_hours)

    @classmethod
    def current(cls) -> SiteProfile:
        """The one row, or its defaults before anybody filled it in."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)
