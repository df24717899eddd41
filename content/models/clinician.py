"""Clinicians: who checks the medicine, and who is shown as the team. Never invented."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ClinicianQuerySet(models.QuerySet["Clinician"]):
    def on_team_page(self) -> ClinicianQuerySet:
        """Whom readers see: nobody who has not agreed to it, and no demo account."""
        shown = self.filter(is_shown=True, is_demo=False)
        return shown.annotate(has_photo=models.Q(photo__isnull=False))


class Clinician(models.Model):
    """A named, licensed person. Empty until the clinic adds people."""

    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(_("role"), max_length=160, help_text=_("For example: medical oncologist."))
    license_number = models.CharField(
        _("license number"), max_length=60, blank=True, default="", db_default=""
    )
    register_url = models.URLField(_("public register"), blank=True, default="", db_default="")
    biography = models.TextField(_("about"), blank=True, default="", db_default="")
    languages = models.CharField(
        _("languages"),
        max_length=160,
        blank=True,
        default="",
        db_default="",
        help_text=_("As readers should see them: Hebrew, Arabic, English."),
    )
    answers = models.CharField(
        _("what they answer"),
        max_length=300,
        blank=True,
        default="",
        db_default="",
        help_text=_(
            "What this person does here: checks the pages on lung cancer, answers questions on side effects."
        ),
    )
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        help_text=_("The account this person signs off with."),
    )
    is_demo = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text=_("A demo account: its sign-offs never count as a review."),
    )
    is_shown = models.BooleanField(_("shown on the team page"), default=True, db_default=True)

    objects = ClinicianQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_demo=True) | ~models.Q(license_number=""),
                name="clinician_has_license",
                violation_error_message=_("A clinician needs a license number that readers can look up."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class ClinicianPhoto(models.Model):
    """What stands beside a name: small, and made anew from what was uploaded. Apart, so that no sign-off loads it."""

    clinician = models.OneToOneField(
        Clinician, on_delete=models.CASCADE, primary_key=True, related_name="photo"
    )
    webp = models.BinaryField()

    def __str__(self) -> str:
        return str(self.clinician)
