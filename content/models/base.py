"""What all kinds of entry share: one grouper (who it is) and one content row (what a reader reads)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar, cast

from cms.models.managers import ContentAdminManager, WithUserMixin
from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from django.template.loader import select_template
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from content.changes import announce_change
from content.kinds import KINDS
from content.lines import LinesField
from content.models.entry_link import EntryLink, record_links, record_new_links
from content.models.sign_off import DraftEdit
from content.models.source import record_citations, record_new_citations
from content.models.versions import must_be_draft
from content.text.hints import Words
from content.text.prose import citation_keys

LONGEST_SLUG = 80


@dataclass(frozen=True)
class Section:
    """One part of an entry page: prose from a field of the same name, or a block the site builds from facts.

    `only_in` names the form of page that must have it ("full", "short"); every page without it. A page of another
    form may have its prose as well, never the block. `within` is the section it stands in as a part with a heading
    of its own; the parts of a section follow it. `folds`: its points are folded on phones, each under a line of its
    own. `closed`: all of it is, under its heading and what its first points are about. `may_lack`: a page can go
    public without it.
    """

    name: str
    heading: Words
    built: bool = False
    cited: bool = True  # needs at least one citation
    only_in: str = ""
    within: str = ""
    folds: bool = False
    closed: bool = False
    may_lack: bool = False

    def belongs_to(self, form: object) -> bool:
        """Does a page of this form need it? Kinds without forms have one only: the full page."""
        return self.only_in in ("", form or "full")


class Entry(models.Model):
    """The identity of something that has a page: its slug, and nothing a reader would miss."""

    kind: ClassVar[str]  # its name in `content.kinds`: drug, side-effect ...
    folder: ClassVar[str]  # its place in addresses and in the library: drugs, side-effects ...

    slug = models.SlugField(
        max_length=LONGEST_SLUG,
        unique=True,
        help_text=_(
            "The last part of the address. It is printed on leaflets: changing it leaves a redirect."
        ),
    )

    objects = models.Manager()

    class Meta:
        abstract = True
        ordering = ("slug",)

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        cls.folder = KINDS[cls.kind].folder

    def __str__(self) -> str:
        return self.slug

    def save(self, *args: Any, **kwargs: Any) -> None:  # as Django's models
        """Texts may link to it from now on, and its name is a name."""
        is_new = self._state.adding
        super().save(*args, **kwargs)
        if is_new:
            announce_change()

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:  # as Django's models
        """With its only draft; texts may no longer link to it."""
        deleted = super().delete(*args, **kwargs)
        announce_change()
        return deleted

    def get_absolute_url(self, language: str | None = None) -> str:
        return address(self.kind, self.slug)


def address(kind: str, slug: str) -> str:
    """The public address of an entry in the current language."""
    return _address(kind, slug, get_language())


@lru_cache(maxsize=4_000)  # a page asks for its own five times, and for those it names
def _address(kind: str, slug: str, language: str | None) -> str:
    return reverse(f"content:{kind}-detail", kwargs={"slug": slug})


C = TypeVar("C", bound="EntryContent")


class ContentManager(WithUserMixin, models.Manager[C]):
    """Published rows only, once versioning has wrapped it; create through `.with_user(user)`."""

    def with_entry(self) -> models.QuerySet[C]:
        return self.get_queryset().select_related("entry")

    def in_language(self, language: str | None = None) -> models.QuerySet[C]:
        return self.with_entry().filter(language=language or get_language() or "en")

    def public(self, slug: str, language: str | None = None) -> models.QuerySet[C]:
        """What readers see of an entry: a row for each of its languages, or for the one that is named."""
        rows = self.with_entry().filter(entry__slug=slug)
        return rows.filter(language=language) if language else rows


class AdminManager(ContentAdminManager, models.Manager[C]):
    """All versions, for whoever works on them; django CMS asks for it by the name `admin_manager`."""


FIND_HELP = "where-can-i-find-help"  # the question whose answer has the help lines


class EntryContent(models.Model):
    """What a reader reads about an entry, in one language, in one version."""

    SECTIONS: ClassVar[tuple[Section, ...]]
    # Answers that hold for every page of the kind, by slug of their questions.
    FOR_ALL: ClassVar[tuple[str, ...]] = ()
    # Columns younger than the first sign-offs, with the value that says nothing. While they hold it, what a
    # clinician signed before there was such a column stays signed.
    ADDED_LATER: ClassVar[Mapping[str, object]] = {}
    # A foreign key of each kind, so that a checker knows of it in `Q` and `F` alone; versioning adds the other.
    if TYPE_CHECKING:
        entry: models.ForeignKey[Entry, Entry]
        entry_id: int
        versions: Any
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
    # Without a day only while it is a draft: the gate asks for both (`rules.rows`).
    checked_on = models.DateField(
        _("checked on"),
        null=True,
        help_text=_("The day somebody last held every sentence against its source."),
    )
    next_check_due = models.DateField(
        _("next check due"),
        null=True,
        help_text=_("After this day the page says by itself that it is overdue."),
    )
    change_note = models.CharField(
        _("change note"), max_length=250, help_text=_("What is new in this version. Readers see it.")
    )

    links = GenericRelation(EntryLink)

    objects = ContentManager()
    admin_manager = AdminManager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=models.Q(next_check_due__gt=models.F("checked_on")),
                name="%(class)s_next_check_after_check",
                violation_error_message=_("The next check must be due after the day of this check."),
            )
        ]
        indexes = [models.Index(fields=["next_check_due"], name="%(class)s_due")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:  # as Django's models
        """A row whose version is not a draft is what readers see or once saw: it is never changed."""
        if not (is_new := not self.pk):
            must_be_draft(self)
        for name in (
            "key_message",
            *self.prose,
        ):  # a browser ends lines in its own way: no change of the text
            setattr(self, name, getattr(self, name).replace("\r\n", "\n"))
        super().save(*args, **kwargs)
        if is_new:
            record_new_citations({self: self.cited})
            record_new_links([self])
        else:
            record_citations(self, self.cited)
            record_links(self)
        DraftEdit.record(self)

    @classmethod
    def save_new(cls, rows: list[Self]) -> None:
        """Saves rows of entries or languages that have none yet, by nobody's hand, with a few queries."""
        cls.admin_manager.bulk_create(rows)
        record_new_citations({row: row.cited for row in rows})
        record_new_links(rows)

    def get_absolute_url(self, language: str | None = None) -> str:
        return self.entry.get_absolute_url()

    def get_template(self) -> str:
        """The kind's own, or the one that fits every kind."""
        own = f"content/{self.entry.kind.replace('-', '_')}.html"
        return select_template([own, "content/entry.html"]).template.name

    @classmethod
    def grouper(cls) -> type[Entry]:
        """The model of who it is."""
        return cast("type[Entry]", cls._meta.get_field("entry").related_model)

    @classmethod
    def own_columns(cls) -> list[models.Field]:
        """What only this kind has and what is no prose: codes, choices, other entries."""
        written = {section.name for section in cls.SECTIONS if not section.built}
        apart = {"id", "entry", *written, *(field.name for field in UrgentEntryContent._meta.local_fields)}
        return [field for field in cls._meta.concrete_fields if field.name not in apart]

    @property
    def prose(self) -> dict[str, str]:
        """The sections a person wrote, in order, without empty ones: name -> Markdown."""
        texts = {section.name: getattr(self, section.name) for section in self.SECTIONS if not section.built}
        return {name: text for name, text in texts.items() if text.strip()}

    @property
    def cited(self) -> list[str]:
        """The keys of the sources it cites, some more than once."""
        return [key for text in self.markdown for key in citation_keys(text)]

    @property
    def markdown(self) -> list[str]:
        """Every text of the row that may hold citations, in reading order."""
        return [self.key_message, *self.prose.values()]


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
