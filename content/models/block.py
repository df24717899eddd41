"""Blocks: what editors place on a CMS page. Each holds words with citations, or says which facts to show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from cms.models import CMSPlugin
from django.contrib.contenttypes.fields import GenericRelation
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from content.lines import LinesField
from content.models.cancer_type import CancerType
from content.models.drug import Drug
from content.models.entry_link import EntryLink, record_links
from content.models.indication import Indication
from content.models.media import Leaflet, Picture
from content.models.question import Question
from content.models.result import Result
from content.models.side_effect import SideEffectContent
from content.models.sign_off import DraftEdit
from content.models.source import Citation, record_citations
from content.models.therapy_class import TherapyClassContent
from content.models.treatment_group import GroupsField
from content.models.update import Update
from content.models.versions import must_be_draft
from content.text.prose import citation_keys


class Block(CMSPlugin):
    """One part of a CMS page. Its fields are signed with the page; the facts it shows are approved apart."""

    # As `EntryContent.ADDED_LATER`.
    ADDED_LATER: ClassVar[Mapping[str, object]] = {}
    citations = GenericRelation(Citation)  # so that they go when the block goes, and free their sources
    links = GenericRelation(EntryLink)

    class Meta:
        abstract = True

    def save(self, **kwargs: object) -> None:
        """A block of a version that is not a draft is what readers see or once saw: it is never changed."""
        content = self.placeholder.source if self.placeholder else None
        if content is not None and hasattr(content, "versions"):
            must_be_draft(content)
        super().save(**kwargs)
        record_citations(self, [key for text in self.markdown for key in citation_keys(text)])
        record_links(self)
        if content is not None and hasattr(content, "versions"):
            DraftEdit.record(content)

    @property
    def markdown(self) -> list[str]:
        """Every text of the block that may hold citations, in reading order."""
        return []


class FixedBlock(Block):
    """A block without choices: the contact box, who we are."""

    def __str__(self) -> str:
        return ""


class ProseBlock(Block):
    """Words of an editor."""

    body = models.TextField(
        _("text"),
        help_text=_("Markdown. Cite right after the claim: [@key]. Every number needs its source."),
    )

    def __str__(self) -> str:
        return self.body[:60]

    @property
    def markdown(self) -> list[str]:
        return [self.body]


class DrugCardBlock(Block):
    """One medicine, with a link to its page."""

    drug = models.ForeignKey(Drug, on_delete=models.PROTECT, related_name="+", verbose_name=_("medicine"))

    def __str__(self) -> str:
        return str(self.drug)


class CancerGridBlock(Block):
    """Cancers as cards."""

    cancers = LinesField(
        _("cancers"), help_text=_("Slugs, one a line, in your order. Empty: all that have a page.")
    )

    def __str__(self) -> str:
        return ", ".join(self.cancers)

    def clean(self) -> None:
        unknown = set(self.cancers) - set(CancerType.objects.values_list("slug", flat=True))
        if unknown:
            raise ValidationError({"cancers": _("There is no cancer %s.") % ", ".join(sorted(unknown))})


class SideEffectGridBlock(Block):
    """Side effects with how fast to act."""

    urgency = models.CharField(
        _("urgency"),
        max_length=20,
        blank=True,
        default="",
        db_default="",
        choices=SideEffectContent.Urgency.choices,
        help_text=_("Empty: all, the most urgent first."),
    )

    def __str__(self) -> str:
        return self.get_urgency_display()


class CenterListBlock(Block):
    """Treatment centers by name."""

    country = models.CharField(
        _("country"),
        max_length=2,
        blank=True,
        default="",
        db_default="",
        help_text=_("Two letters (ISO 3166). Empty: all."),
    )

    def __str__(self) -> str:
        return self.country


class UpdateListBlock(Block):
    """The newest updates."""

    kind = models.CharField(
        _("kind"),
        max_length=20,
        blank=True,
        default="",
        db_default="",
        choices=Update.Kind.choices,
        help_text=_("Empty: all kinds."),
    )
    limit = models.PositiveSmallIntegerField(_("how many"), default=5, db_default=5)

    def __str__(self) -> str:
        return f"{self.limit} {self.get_kind_display()}"


class IndicationTableBlock(Block):
    """Approved uses of one medicine, or in one cancer."""

    cancer = models.ForeignKey(
        CancerType,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("cancer"),
    )
    drug = models.ForeignKey(
        Drug, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("medicine")
    )
    regulator = models.CharField(
        _("regulator"),
        max_length=10,
        blank=True,
        default="",
        db_default="",
        choices=Indication.Regulator.choices,
        help_text=_("Empty: all regulators."),
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(cancer__isnull=False) ^ models.Q(drug__isnull=False),
                name="indication_table_of_one",
                violation_error_message=_("Choose a cancer or a medicine, one of the two."),
            )
        ]

    def __str__(self) -> str:
        return str(self.cancer or self.drug)


class CareCardBlock(Block):
    """Which signs need what, how soon: from the list of signs, or lines of this page alone."""

    ADDED_LATER: ClassVar = {"groups": []}

    class Urgency(models.TextChoices):
        EMERGENCY = "emergency", _("Emergency now")
        SAME_DAY = "same_day", _("Call today")
        NEXT_VISIT = "next_visit", _("Next visit")

    groups = GroupsField(
        _("whose signs"),
        help_text=_("The signs of these treatments. None ticked: those that everybody must know."),
    )
    urgency = models.CharField(
        _("how soon"),
        max_length=20,
        blank=True,
        default="",
        db_default="",
        choices=Urgency.choices,
        help_text=_("Only for lines of your own."),
    )
    lines = LinesField(
        _("lines of your own"),
        help_text=_("What is in no list. One a line, each with its citation: Blood in your stool [@key]"),
    )

    def __str__(self) -> str:
        return self.get_urgency_display() or ", ".join(self.groups)

    @property
    def is_own(self) -> bool:
        """Whether it shows lines of this page alone, and no signs of the list."""
        return bool(self.lines)

    def clean(self) -> None:
        if bool(self.lines) != bool(self.urgency):
            raise ValidationError(_("Lines of your own need to say how soon, and how soon needs lines."))
        if self.lines and self.groups:
            raise ValidationError(
                _("Choose treatments, or write lines of your own: make two blocks for both.")
            )

    @property
    def markdown(self) -> list[str]:
        return self.lines


class DoDontListBlock(Block):
    """What to do and what not to do."""

    do = LinesField(_("do"), help_text=_("One a line, with citations."))
    dont = LinesField(_("do not"), help_text=_("One a line, with citations."))

    def __str__(self) -> str:
        return ", ".join([*self.do, *self.dont])[:60]

    def clean(self) -> None:
        if not self.do and not self.dont:
            raise ValidationError(_("Write at least one line."))

    @property
    def markdown(self) -> list[str]:
        return [*self.do, *self.dont]


class QuestionListBlock(Block):
    """Answered questions."""

    topic = models.CharField(
        _("topic"),
        max_length=20,
        blank=True,
        default="",
        db_default="",
        choices=Question.Topic.choices,
        help_text=_("Empty: all topics."),
    )
    limit = models.PositiveSmallIntegerField(_("how many"), null=True, blank=True, help_text=_("Empty: all."))
    questions = LinesField(
        _("questions"), help_text=_("Slugs, one a line, in your order. Empty: all of the topic.")
    )

    def __str__(self) -> str:
        return ", ".join(self.questions) or self.get_topic_display()

    def clean(self) -> None:
        """As of a result below: a slug that names nothing would leave its place empty without a word."""
        known = set(Question.objects.filter(slug__in=self.questions).values_list("slug", flat=True))
        if unknown := ", ".join(slug for slug in self.questions if slug not in known):
            raise ValidationError({"questions": _("There is no question %s.") % unknown})


class ConsultationCallBlock(Block):
    """The way to the consultation form."""

    about = models.CharField(
        _("about"),
        max_length=100,
        blank=True,
        default="",
        db_default="",
        help_text=_("An entry to mention in the form, such as drug:pembrolizumab."),
    )

    def __str__(self) -> str:
        return self.about


class DiagramBlock(Block):
    """One of the site's own drawings."""

    name = models.CharField(_("drawing"), max_length=40, choices=TherapyClassContent.Diagram.choices)

    def __str__(self) -> str:
        return self.get_name_display()


class ResultBlock(Block):
    """What one trial found, of 100 people."""

    key = models.SlugField(_("key"), max_length=80, help_text=_("Of the result, as the admin lists it."))

    def __str__(self) -> str:
        return self.key

    def clean(self) -> None:
        """One that waits for a clinician shows nothing until it is approved; a page may be written before."""
        if not Result.objects.filter(key=self.key).exists():
            raise ValidationError({"key": _("There is no result %s.") % self.key})


class PictureBlock(Block):
    """A picture, and what it shows for whoever cannot see it."""

    picture = models.ForeignKey(
        Picture, on_delete=models.PROTECT, related_name="blocks", verbose_name=_("picture")
    )
    alt = models.CharField(
        _("what it shows"),
        max_length=250,
        blank=True,
        default="",
        db_default="",
        help_text=_(
            "For who cannot see it, in the language of the page: what it tells, not that it is a picture."
        ),
    )
    is_decorative = models.BooleanField(
        _("decorative"),
        default=False,
        db_default=False,
        help_text=_("It tells nothing that the text does not say; screen readers pass it by."),
    )
    caption = models.CharField(
        _("caption"),
        max_length=300,
        blank=True,
        default="",
        db_default="",
        help_text=_("Below the picture. A claim needs its source: [@key]."),
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(alt="") ^ models.Q(is_decorative=False),
                name="picture_says_what_it_shows",
                violation_error_message=_(
                    "Say what the picture shows, or tick that it is decorative: one of the two."
                ),
            )
        ]

    def __str__(self) -> str:
        return self.alt or str(self.picture)

    @property
    def markdown(self) -> list[str]:
        return [self.caption] if self.caption else []


class LeafletBlock(Block):
    """A PDF to take along."""

    leaflet = models.ForeignKey(
        Leaflet, on_delete=models.PROTECT, related_name="blocks", verbose_name=_("leaflet")
    )
    title = models.CharField(_("title"), max_length=160, help_text=_("As readers see it."))
    about = models.CharField(
        _("about it"),
        max_length=300,
        blank=True,
        default="",
        db_default="",
        help_text=_("What is in it, and in which language. A claim needs its source: [@key]."),
    )

    def __str__(self) -> str:
        return self.title

    @property
    def markdown(self) -> list[str]:
        return [self.about] if self.about else []


BLOCKS: tuple[type[Block], ...] = (
    ProseBlock, CareCardBlock, DoDontListBlock, DrugCardBlock, IndicationTableBlock, CancerGridBlock,
    SideEffectGridBlock, QuestionListBlock, CenterListBlock, UpdateListBlock, DiagramBlock,
    ResultBlock, PictureBlock, LeafletBlock, ConsultationCallBlock, FixedBlock,
)  # fmt: skip
