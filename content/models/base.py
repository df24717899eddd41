"""What the six kinds of entry share: one grouper (who it is) and one content row (what a reader reads)."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from cms.models.managers import ContentAdminManager, WithUserMixin
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import models
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from djangocms_versioning.constants import DRAFT
from djangocms_versioning.models import Version

from content.lines import LinesField
from content.models.sign_off import DraftEdit
from content.models.source import record_citations
from content.text.prose import citation_keys


@dataclass(frozen=True)
class Section:
    """One part of an entry page: prose from a field of the same name, or a block the site builds from facts."""

    name: str
    heading: str
    built: bool = False
    cited: bool = True  # needs at least one citation


class Entry(models.Model):
    """The identity of something that has a page: its slug, and nothing a reader would miss."""

    kind: ClassVar[str]  # how links name it: drug, side-effect ...
    folder: ClassVar[str]  # its place in addresses and in the library: drugs, side-effects ...

    slug = models.SlugField(
        max_length=80,
        unique=True,
        help_text=_(
            "The last part of the address. It is printed on leaflets: changing it leaves a redirect."
        ),
    )

    class Meta:
        abstract = True
        ordering = ("slug",)

    def __str__(self) -> str:
        return self.slug

    def get_absolute_url(self, language: str | None = None) -> str:
        return address(self.kind, self.slug)


def address(kind: str, slug: str) -> str:
    """The public address of an entry in the current language."""
    return _address(kind, slug, get_language())


@lru_cache(maxsize=4_000)  # a page asks for its own five times, and for those it names
def _address(kind: str, slug: str, language: str | None) -> str:
    return reverse(f"content:{kind}-detail", kwargs={"slug": slug})


class ContentManager(WithUserMixin, models.Manager):
    """Published rows only, once versioning has wrapped it; create through `.with_user(user)`."""

    def in_language(self, language: str | None = None) -> models.QuerySet:
        return self.get_queryset().filter(language=language or get_language() or "en").select_related("entry")


class EntryContent(models.Model):
    """What a reader reads about an entry, in one language, in one version."""

    SECTIONS: ClassVar[tuple[Section, ...]]
    # The entry must be looked at again after at most so many days (PIF TICK; drugs change faster).
    MAX_CHECK_INTERVAL: ClassVar[int] = 366

    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES, default="en", db_default="en"
    )
    name = models.CharField(_("name"), max_length=120)
    other_names = LinesField(
        _("other names"),
        help_text=_("Synonyms, abbreviations, British spelling. One a line; search finds them."),
    )
    summary = models.CharField(
        _("summary"), max_length=250, help_text=_("One plain sentence for lists and search engines.")
    )
    key_message = models.TextField(
        _("key message"), help_text=_("At most 40 words: what a reader must know if they read nothing else.")
    )
    written_by = models.CharField(_("written by"), max_length=120)
    checked_on = models.DateField(
        _("checked on"), help_text=_("The day somebody last held every sentence against its source.")
    )
    next_check_due = models.DateField(
        _("next check due"), help_text=_("After this day the page says by itself that it is overdue.")
    )
    change_note = models.CharField(
        _("change note"), max_length=250, help_text=_("What is new in this version. Readers see it.")
    )

    objects = ContentManager()
    admin_manager = ContentAdminManager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=models.Q(next_check_due__gt=models.F("checked_on")),
                name="%(class)s_next_check_after_check",
                violation_error_message=_("The next check must be due after the day of this check."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, **kwargs: object) -> None:
        """A row whose version is not a draft is what readers see or once saw: it is never changed."""
        if self.pk and not self._is_draft():
            raise PermissionDenied(_("This version is not a draft. Make a new draft and change that."))
        super().save(**kwargs)
        record_citations(self, [key for text in self.markdown for key in citation_keys(text)])
        DraftEdit.record(self)

    def _is_draft(self) -> bool:
        state = (
            Version.objects.filter(content_type=ContentType.objects.get_for_model(self), object_id=self.pk)
            .values_list("state", flat=True)
            .first()
        )
        return state in (None, DRAFT)

    def get_absolute_url(self, language: str | None = None) -> str:
        return self.entry.get_absolute_url()

    def get_template(self) -> str:
        return f"content/{self.entry.kind.replace('-', '_')}.html"

    @property
    def prose(self) -> dict[str, str]:
        """The sections a person wrote, in order: name -> Markdown."""
        return {section.name: getattr(self, section.name) for section in self.SECTIONS if not section.built}

    @property
    def markdown(self) -> list[str]:
        """Every text of the row that may hold citations, in reading order."""
        return [self.key_message, *self.prose.values()]

    @property
    def is_overdue(self) -> bool:
        return self.next_check_due < datetime.date.today()


class UrgentEntryContent(EntryContent):
    """An entry that also says which sign needs what, how soon. Each line is inline Markdown with its citation."""

    act_emergency = LinesField(_("emergency now"), help_text=_("Signs that need the emergency number."))
    act_same_day = LinesField(_("call today"), help_text=_("Signs to call the team about, day or night."))
    act_next_visit = LinesField(_("next visit"), help_text=_("Signs to mention at the next visit."))

    class Meta(EntryContent.Meta):
        abstract = True

    @property
    def act(self) -> dict[str, list[str]]:
        return {
            "emergency": self.act_emergency,
            "same_day": self.act_same_day,
            "next_visit": self.act_next_visit,
        }

    @property
    def markdown(self) -> list[str]:
        key_message, *prose = super().markdown
        return [key_message, *self.act_emergency, *self.act_same_day, *self.act_next_visit, *prose]
