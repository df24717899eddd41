"""Sources: what every claim on the site rests on."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext_lazy as _

# A text of which nobody knows how old it is, in files and open data.
UNDATED = "undated copy"


class Source(models.Model):
    """One document somebody looked at: a label, a regulator's notice, a guideline, a paper ..."""

    class Kind(models.TextChoices):
        LABEL = "label", _("Product label")
        NOTICE = "notice", _("Regulator's notice")
        GUIDELINE = "guideline", _("Guideline")
        PAPER = "paper", _("Paper")
        PATIENT_PAGE = "patient-page", _("Patient page")
        CENTER = "center", _("A center's own page")
        REGISTRY = "registry", _("Register")

    key = models.SlugField(
        max_length=80, unique=True, help_text=_("Starts with the publisher: fda-keytruda-label.")
    )
    title = models.CharField(_("title"), max_length=300)
    publisher = models.CharField(_("publisher"), max_length=160)
    url = models.URLField(_("address"), max_length=500)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    published_on = models.DateField(_("published on"), null=True, blank=True)
    # The link leads to the newest text; what was read may be a copy of any age.
    text_of = models.CharField(
        _("text of"),
        max_length=60,
        blank=True,
        default="",
        db_default="",
        help_text=_(
            "How old the text is that was read: 2026-08, 2026-08-11, revision 08/2026. Empty if it does not say."
        ),
    )
    text_of_on = models.DateField(
        _("text of, as a day"),
        null=True,
        blank=True,
        help_text=_("The same as a day, to compare it; the first day of a month or year."),
    )
    checked_on = models.DateField(_("checked on"), help_text=_("The day somebody last opened and read it."))

    class Meta:
        ordering = ("key",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(published_on__isnull=True)
                | models.Q(published_on__lte=models.F("checked_on")),
                name="source_published_before_checked",
                violation_error_message=_("A source cannot have been checked before it was published."),
            ),
            models.CheckConstraint(
                condition=models.Q(text_of_on__isnull=True)
                | models.Q(text_of_on__lte=models.F("checked_on")) & ~models.Q(text_of=""),
                name="source_text_of_is_said",
                violation_error_message=_(
                    "Say in words how old the text is, beside its day; it cannot be younger than the day of reading."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def age(self) -> str:
        """`text_of`; of labels and notices, which change, also that nobody knows it. Empty for what has a date."""
        undated = self.published_on is None and self.kind in (self.Kind.LABEL, self.Kind.NOTICE)
        return self.text_of or (UNDATED if undated else "")

    @property
    def is_undated(self) -> bool:
        return self.age == UNDATED


class Citation(models.Model):
    """That a text (an entry's version, a page's prose) cites a source; the source is kept as long."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="citations")
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.PositiveIntegerField()
    text = GenericForeignKey("content_type", "object_id")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "content_type", "object_id"], name="citation_once_per_text"
            )
        ]
        indexes = [models.Index(fields=["content_type", "object_id"])]

    def __str__(self) -> str:
        return f"{self.source} in {self.content_type} {self.object_id}"


def record_citations(text: models.Model, keys: list[str]) -> None:
    """Makes the rows say exactly which sources `text` cites."""
    content_type = ContentType.objects.get_for_model(text)
    rows = Citation.objects.filter(content_type=content_type, object_id=text.pk)
    rows.exclude(source__key__in=keys).delete()
    record_new_citations({text: keys})


def record_new_citations(cited: Mapping[models.Model, list[str]]) -> None:
    """The same for saved texts of one model of which nothing else is on record; all at once."""
    every = {key for keys in cited.values() for key in keys}
    sources = dict(Source.objects.filter(key__in=every).order_by().values_list("key", "pk"))
    Citation.objects.bulk_create(
        [
            Citation(
                source_id=sources[key],
                content_type=ContentType.objects.get_for_model(text),
                object_id=text.pk,
            )
            for text, keys in cited.items()
            for key in dict.fromkeys(keys)
            if key in sources
        ],
        ignore_conflicts=True,
    )
