"""Letters to start from: one for each occasion and language, filled with the library's facts."""

from __future__ import annotations

import re
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

SLOT = re.compile(r"\{([a-z_]+)\}")
# What a text may ask for, and what comes in its place.
SLOTS = {
    "name": _("how the patient wants to be called"),
    "reference": _("the reference of the request"),
    "reply_by": _("by when we promised to answer"),
    "cancer": _("the name of the cancer"),
    "cancer_page": _("the address of our page about this cancer"),
    "cancer_records": _("the records that our page about this cancer says to gather"),
    "cancer_questions": _("the questions that our page about this cancer says to ask"),
    "missing_records": _("what the checklist says is missing or cannot be read"),
    "emergency_numbers": _("the emergency numbers of the patient’s country"),
    "organization": _("our name"),
    "contact": _("our phone and e-mail"),
}


class Stage(models.TextChoices):
    EMERGENCY = "emergency", _("Needs an emergency service today")
    RECEIVED = "received", _("We have your request")
    RECORDS = "records", _("We need records")
    DOCTOR = "doctor", _("A doctor is looking at it")
    ANSWER = "answer", _("The answer")
    NOT_OURS = "not_ours", _("We cannot help with this")
    GOODBYE = "goodbye", _("Closing without a reply")


class ReplyTemplateQuerySet(models.QuerySet["ReplyTemplate"]):
    def for_language(self, language: str) -> Self:
        """In the patient's language, in the order in which a request is worked on."""
        order = models.Case(
            *(models.When(stage=stage, then=place) for place, stage in enumerate(Stage.values)),
            default=len(Stage),
        )
        return self.filter(language=language).order_by(order, "title", "pk")


class ReplyTemplate(models.Model):
    """A text to start a reply from. It holds no facts of its own: slots in braces bring them in."""

    Stage = Stage

    stage = models.CharField(_("occasion"), max_length=20, choices=Stage)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    title = models.CharField(_("title"), max_length=120)
    text = models.TextField(
        _("text"),
        max_length=5_000,
        help_text=_(
            "Write no medical facts here: link to a page of the library with {cancer_page}, "
            "so that a correction there reaches every later reply."
        ),
    )

    objects = ReplyTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = _("reply template")
        verbose_name_plural = _("reply templates")
        ordering = ("language", "stage", "title")
        constraints = [
            models.UniqueConstraint(
                fields=["language", "stage", "title"],
                name="reply_template_title_once",
                violation_error_message=_("There is a template with this title. Choose another one."),
            ),
            models.CheckConstraint(
                condition=models.Q(stage__in=Stage.values), name="reply_template_stage_known"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        unknown = sorted(set(SLOT.findall(self.text)) - set(SLOTS))
        if unknown:
            words = ", ".join(f"{{{name}}}" for name in unknown)
            raise ValidationError({"text": _("Nothing can be put in place of %s.") % words})

    def filled(self, facts: dict[str, str]) -> str:
        """The text with its slots filled. Plain text: what a patient typed is never looked at again."""
        return SLOT.sub(lambda match: facts.get(match[1], match[0]), self.text)
