"""Facts: rows of their own that appear on many pages. A change supersedes; nothing approved is edited."""

from __future__ import annotations

import copy
import datetime
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self, TypeGuard, TypeVar

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.contenttypes.fields import GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.functions import Now
from django.db.models.sql.compiler import SQLCompiler
from django.utils.translation import gettext_lazy as _

from content.changes import announce_change
from content.models.base import Entry
from content.models.clinician import Clinician
from content.models.column import Column
from content.models.entry_link import EntryLink, record_links
from content.models.source import Citation, Source
from content.text.prose import citation_keys

F = TypeVar("F", bound="Fact")


class _Joined(models.Aggregate):
    """Words of several rows with commas between them: Django has it for all databases from 6.0 on."""

    function = "GROUP_CONCAT"
    output_field = models.TextField()

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, Sequence[Any]]:
        return self.as_sql(
            compiler, connection, function="STRING_AGG", template="%(function)s(%(expressions)s, ',')"
        )


class FactQuerySet(models.QuerySet[F]):
    def approved(self) -> Self:
        return self.filter(state=Fact.State.APPROVED)

    def on_record(self) -> Self:
        """What readers see, and what they are told has gone."""
        return self.approved() | self.filter(retired_on__isnull=False)

    def drafts(self) -> Self:
        return self.filter(state=Fact.State.DRAFT)

    def newest(self) -> Self:
        """What stands or waits; of a row and the draft that will take its place, the draft."""
        waits = models.Q(superseded_by__state=Fact.State.DRAFT)
        return self.exclude(state=Fact.State.RETIRED).exclude(waits)

    def waiting(self) -> Self:
        """For a clinician: drafts, and what readers see unchecked. A row that a draft replaces waits in that draft."""
        drafts = models.Q(state=Fact.State.DRAFT)
        unchecked = models.Q(state=Fact.State.APPROVED, review_state=Fact.Review.UNREVIEWED)
        return self.filter(drafts | unchecked).exclude(models.Q(superseded_by__state=Fact.State.DRAFT))

    def with_everything(self) -> Self:
        """All a page shows of a fact, in a fixed number of queries."""
        return self.select_related("source").prefetch_related("more_sources")

    def for_pages(self) -> Self:
        """Approved rows with all that public pages show of them."""
        return self.with_everything()

    def with_source_keys(self) -> Self:
        """What pages number sources by stands in the rows: they read the sources of all their facts together."""
        return self.annotate(main_key=models.F("source__key"), further_keys=self.further_keys())

    def further_keys(self, of: str = "pk") -> models.Subquery:
        """The keys of its further sources with commas between them; `of` is the column that names the fact."""
        cited = self.model.more_sources.through._default_manager.filter(**{self._name: models.OuterRef(of)})
        joined = cited.order_by().values(self._name).annotate(keys=_Joined("source__key"))
        return models.Subquery(joined.values("keys"))

    def load_parts(self, rows: Sequence[F]) -> None:
        """Into rows that are read already, in a fixed number of queries."""
        models.prefetch_related_objects(rows, *self.model.PARTS)

    def with_parts(self) -> Self:
        """What belongs to the statement in rows of its own, for kinds that have such rows."""
        return self

    @transaction.atomic
    def approve(self, *, by: Clinician | None, now: datetime.date) -> None:
        """Makes these drafts what readers see, in place of the facts they supersede.

        `by` is the clinician who checked them; None says honestly that nobody has. Asks for no rule: that is the
        work of its two callers, `review.approve_fact` and the import, which has held the rows to them as files.
        """
        drafts = self.with_parts().in_bulk()
        if not drafts:
            return
        if any(draft.state != Fact.State.DRAFT for draft in drafts.values()):
            raise PermissionDenied(_("Only a draft can be approved."))
        self.settle(drafts.values())
        old = {draft.supersedes_id for draft in drafts.values() if draft.supersedes_id}
        self.model.objects.filter(pk__in=old).approved().update(state=Fact.State.RETIRED)
        counts = by is not None and not by.is_demo
        self.model.objects.filter(pk__in=drafts).update(
            state=Fact.State.APPROVED,
            review_state=Fact.Review.REVIEWED if counts else Fact.Review.UNREVIEWED,
            reviewer=by,
            approved_on=now,
        )
        self._keep_sources(drafts)
        announce_change(self.model.objects.filter(pk__in={*drafts, *old}).with_everything())

    def _keep_sources(self, facts: dict[int, F]) -> None:
        """What they cite in the text or beside the main source, which is protected as it is, cannot be deleted."""
        further = self.model.more_sources.through._default_manager.filter(**{f"{self._name}__in": facts})
        pairs = set(further.values_list(self._name, "source"))
        keys = {
            pk: {key for text in fact.markdown for key in citation_keys(text)} for pk, fact in facts.items()
        }
        known = dict(Source.objects.filter(key__in=set().union(*keys.values())).values_list("key", "pk"))
        pairs |= {(pk, known[key]) for pk, cited in keys.items() for key in cited if key in known}
        kind = ContentType.objects.get_for_model(self.model)
        Citation.objects.bulk_create(
            [
                Citation(content_type_id=kind.pk, object_id=pk, source_id=source)
                for pk, source in sorted(pairs)
            ],
            ignore_conflicts=True,
        )

    @property
    def _name(self) -> str:
        """Of this kind, as its join tables call it."""
        return self.model.__name__.lower()

    def settle(self, drafts: Iterable[F]) -> None:
        """Just before approval, once all parts are saved: what a row derives from others may have changed."""
        names = self.model.DERIVED
        rows = [row for row in drafts if row.derive(row.parts)] if names else []
        if rows:
            self.model.objects.bulk_update(rows, names)

    @transaction.atomic
    def mark_checked(self, *, by: Clinician) -> None:
        """A clinician read what readers see already. Who signed what is on record beside; the words stay."""
        chosen = list(self.approved().values_list("pk", flat=True))
        rows = self.model.objects.filter(pk__in=chosen)
        rows.update(review_state=Fact.Review.REVIEWED, reviewer=by)
        announce_change(rows.with_everything())

    @transaction.atomic
    def retire(self, *, by: User, reason: str, now: datetime.date) -> None:
        """Takes the facts off every page; the rows stay as the record of what was once shown, and why no more."""
        chosen = list(self.approved().values_list("pk", flat=True))
        rows = self.model.objects.filter(pk__in=chosen)
        rows.update(state=Fact.State.RETIRED, retired_by=by, retired_reason=reason, retired_on=now)
        announce_change(rows.with_everything())


class InALanguage(Protocol):
    language: str


W = TypeVar("W", bound=InALanguage)


def in_language(texts: Iterable[W], language: str) -> W | None:
    """The words in this language, or the English ones."""
    by_language = {text.language: text for text in texts}
    return by_language.get(language) or by_language.get("en")


class MadeFromEnglish(models.Model):
    """Words in one language. Those of another than English know which English ones they were made from."""

    made_from = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",
        editable=False,
        help_text="SHA-256 of the English words when these were last written.",
    )

    class Meta:
        abstract = True

    def reader_words(self) -> list[str]:
        raise NotImplementedError

    def in_english(self) -> MadeFromEnglish | None:
        """The English words of the same, as they are now; nothing for these themselves."""
        raise NotImplementedError

    def digest_of_words(self) -> str:
        return hashlib.sha256("\0".join(self.reader_words()).encode()).hexdigest()

    def note_english(self) -> None:
        """To be called when these words were written: they are of the English ones of now."""
        english = self.in_english()
        self.made_from = english.digest_of_words() if english else ""

    @property
    def is_behind(self) -> bool:
        """Whether the English words changed since these were made from them."""
        english = self.in_english()
        return english is not None and self.made_from != english.digest_of_words()


class Fact(models.Model):
    """One dated, sourced statement: drafted, approved, and one day superseded or retired."""

    NAME: ClassVar[str]  # of one of its tables in a file, of the rules that hold for it
    FOLDER: ClassVar[str]  # in the library
    COLUMNS: ClassVar[tuple[Column, ...]]  # in the order of a file; the sources come last, for all
    SUBJECT: ClassVar[
        tuple[str, ...]
    ]  # the columns of what it is about: it must not repeat others about the same
    ONE_LIST: ClassVar[bool] = False  # it must not repeat any other of its kind
    BODY: ClassVar[str] = ""  # the text below the head of a file; none where a file holds tables
    # Related rows that belong to the statement and are copied with it.
    PARTS: ClassVar[tuple[str, ...]] = ()
    DERIVED: ClassVar[tuple[str, ...]] = ()  # columns that follow from the others
    if TYPE_CHECKING:  # columns of foreign keys, and what `with_source_keys` adds
        supersedes_id: int | None
        first_id: int | None
        main_key: str | None
        further_keys: str | None

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        APPROVED = "approved", _("Approved")
        RETIRED = "retired", _("Retired")

    class Review(models.TextChoices):
        NONE = "", _("Not approved yet")
        UNREVIEWED = "unreviewed", _("Not checked by a clinician")
        REVIEWED = "reviewed", _("Checked by a clinician")

    # The database itself makes of a row that says nothing a draft: what knows no states can publish nothing.
    state = models.CharField(
        max_length=10,
        choices=State.choices,
        default=State.DRAFT,
        db_default=State.DRAFT.value,
        editable=False,
    )
    review_state = models.CharField(
        max_length=10,
        choices=Review.choices,
        default=Review.NONE,
        db_default=Review.NONE.value,
        blank=True,
        editable=False,
    )
    approved_on = models.DateField(_("approved here on"), null=True, blank=True, editable=False)
    reviewer = models.ForeignKey(
        Clinician, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    supersedes = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="superseded_by",
    )
    first = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        help_text=_("The first row of this statement, of which this one is a later wording."),
    )
    source = models.ForeignKey(
        Source,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("main source"),
    )
    more_sources = models.ManyToManyField(
        Source, blank=True, related_name="+", verbose_name=_("further sources")
    )
    # Set together, when a person took the row off the site; a row that another superseded has none of them.
    retired_on = models.DateField(_("taken off on"), null=True, blank=True, editable=False)
    retired_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    retired_reason = models.CharField(
        _("why it was taken off"), max_length=250, blank=True, default="", db_default="", editable=False
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())

    objects = FactQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="approved")
                | (
                    models.Q(source__isnull=False)
                    & models.Q(approved_on__isnull=False)
                    & ~models.Q(review_state="")
                ),
                name="%(class)s_approved_has_source_review_date",
                violation_error_message=_("An approved fact needs a source, a review state and a date."),
            ),
            models.CheckConstraint(
                condition=~models.Q(review_state="reviewed") | models.Q(reviewer__isnull=False),
                name="%(class)s_reviewed_has_reviewer",
                violation_error_message=_("A checked fact names who checked it."),
            ),
            models.CheckConstraint(
                condition=models.Q(retired_on__isnull=True, retired_by__isnull=True, retired_reason="")
                | (
                    models.Q(state="retired", retired_on__isnull=False, retired_by__isnull=False)
                    & ~models.Q(retired_reason="")
                ),
                name="%(class)s_taken_off_says_why",
                violation_error_message=_("A fact taken off the site says why, since when and who did it."),
            ),
        ]
        # Of one state each: without statistics SQLite would take an index of all states for the best one.
        indexes = [
            models.Index(fields=["created_at"], condition=models.Q(state="draft"), name="%(class)s_drafts"),
            models.Index(
                fields=["approved_on"], condition=models.Q(state="approved"), name="%(class)s_approved"
            ),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:  # as Django's models
        if self.pk and not kwargs.get("update_fields") and self._stored_state() != self.State.DRAFT:
            raise PermissionDenied(
                _("An approved fact is never edited. Propose a new one that supersedes it.")
            )
        super().save(*args, **kwargs)

    def _stored_state(self) -> str:
        return type(self).objects.values_list("state", flat=True).get(pk=self.pk)

    @transaction.atomic
    def propose(self, *, by: User | None) -> Fact:
        """A draft that starts as this row and will supersede it. There is one at a time."""
        if self.state != self.State.APPROVED:
            raise PermissionDenied(_("Only an approved fact is changed by a proposal. Open the newest row."))
        if waiting := type(self).objects.drafts().filter(models.Q(supersedes=self)).first():
            return waiting
        draft = copy.copy(self)
        draft.pk, draft._state = None, models.base.ModelState()
        draft.state, draft.review_state = self.State.DRAFT, self.Review.NONE
        draft.approved_on, draft.reviewer = None, None
        draft.supersedes, draft.created_by = self, by
        draft.first_id = self.first_id or self.pk
        draft.save()
        draft.more_sources.set(self.more_sources.all())
        for name in self.PARTS:
            for part in getattr(self, name).all():
                part.pk, part._state = None, models.base.ModelState()
                setattr(part, getattr(self, name).field.name, draft)
                part.save()
        return draft

    def approve(self, *, by: Clinician | None, now: datetime.date) -> None:
        """Makes the draft what readers see; see `FactQuerySet.approve`."""
        type(self).objects.filter(pk=self.pk).approve(by=by, now=now)
        self.refresh_from_db()

    @property
    def parts(self) -> dict[str, list[models.Model]]:
        """The rows that belong to it, by relation. Prefetch them when listing."""
        return {name: self.rows_of(name) for name in self.PARTS}

    def rows_of(self, relation: str) -> list[models.Model]:
        """Those of one of its parts."""
        return list(getattr(self, relation).all())

    def derive(self, parts: Mapping[str, Sequence[models.Model]]) -> bool:
        """Fills the columns that follow from the others and from these parts. Says whether any changed."""
        return False

    @property
    def is_reviewed(self) -> bool:
        return self.review_state == self.Review.REVIEWED

    @property
    def needs_clinician(self) -> bool:
        """Whether it says something medical."""
        return True

    @property
    def is_unchecked(self) -> bool:
        """Whether readers are to be told that no clinician has checked it."""
        return self.needs_clinician and not self.is_reviewed

    @property
    def address(self) -> str:
        """Where readers find it by itself; most facts stand on the pages of others only."""
        return ""

    @property
    def subjects(self) -> set[tuple[str, str]]:
        """What the row is about, as (kind, slug). A text is about no entry in particular."""
        return set()

    @property
    def mentions(self) -> set[tuple[str, str]]:
        """Every entry the row names, but those that its text links to."""
        return self.subjects

    @property
    def markdown(self) -> list[str]:
        """The texts that may cite; the words of most facts stand beside their sources."""
        return []

    @property
    def source_keys(self) -> list[str]:
        """Main source first, the others by key. Prefetch `more_sources` when listing, or ask `with_source_keys`."""
        if "further_keys" in vars(self):
            further = self.further_keys.split(",") if self.further_keys else []
            return [*filter(None, [self.main_key]), *sorted(further)]
        first = [self.source.key] if self.source else []
        return first + sorted(source.key for source in self.more_sources.all())


class TabledFact(Fact):
    """A fact that is one of many tables in a file. The file is named after what all of them are about."""

    IDENTITY: ClassVar[tuple[str, ...]] = ("key",)  # the columns that tell the tables of a file apart
    KEY_IN_LIBRARY: ClassVar[str] = ""  # the column in which no two tables of all files may agree
    # The field above the tables that says what they are about with its kind, where a name alone is not enough.
    OWNER: ClassVar[str] = ""

    class Meta(Fact.Meta):
        abstract = True

    @property
    def owner(self) -> models.Model | str:
        """What it is about: an entry, or a word of a list."""
        return next(filter(None, (getattr(self, name) for name in self.SUBJECT)))

    @property
    def file_name(self) -> str:
        return self.owner.slug if isinstance(self.owner, Entry) else str(self.owner)

    @classmethod
    def file_columns(cls) -> tuple[str, ...]:
        """Where a query finds the name of its file."""
        return tuple(f"{name}__slug" if cls.owners()[name] else name for name in cls.SUBJECT)

    @classmethod
    def owners(cls) -> dict[str, type[Entry] | None]:
        """What it can be about, by column; nothing for a column that holds a word."""
        related = {name: cls._meta.get_field(name).related_model for name in cls.SUBJECT}
        return {
            name: model if isinstance(model, type) and issubclass(model, Entry) else None
            for name, model in related.items()
        }


class FactWords(MadeFromEnglish):
    """What a fact says in one language. The fact calls these rows its `texts`."""

    language = models.CharField(max_length=10, choices=settings.LANGUAGES, default="en", db_default="en")

    class Meta:
        abstract = True

    @property
    def _fact(self) -> TabledFact:
        keys = (field for field in self._meta.fields if isinstance(field, models.ForeignKey))
        fact: TabledFact = next(
            getattr(self, key.name) for key in keys if key.remote_field.related_name == "texts"
        )
        return fact

    def reader_words(self) -> list[str]:
        return [str(getattr(self, column.on_row)) for column in self._fact.COLUMNS if column.of_words]

    def in_english(self) -> FactWords | None:
        """Prefetch `texts` of the fact when listing."""
        if self.language == "en":
            return None
        return next(filter(_is_english, self._fact.parts["texts"]), None)


def _is_english(text: models.Model) -> TypeGuard[FactWords]:
    return isinstance(text, FactWords) and text.language == "en"


class FactPart(models.Model):
    """A row that belongs to a fact and has its place among others of its kind."""

    position = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)

    class Meta:
        abstract = True
        ordering = ("position", "pk")


class WrittenFact(MadeFromEnglish, Fact):
    """A fact that is a text: under its slug, in one language."""

    SUBJECT = ("slug", "language")

    links = GenericRelation(EntryLink)

    if TYPE_CHECKING:  # columns of each kind
        slug: models.SlugField[str, str]
        language: models.CharField[str, str]

    class Meta(Fact.Meta):
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:  # as Django's models
        super().save(*args, **kwargs)
        record_links(self)

    def reader_words(self) -> list[str]:
        kind = type(self)
        plain = (column for column in self.COLUMNS if column.type(kind) is str and not column.choices(kind))
        return [*(str(getattr(self, column.on_row)) for column in plain), *self.markdown]

    def in_english(self) -> WrittenFact | None:
        """What readers see in English, or the newest draft of it."""
        if self.language == "en":
            return None
        rows = type(self).objects.filter(models.Q(slug=self.slug, language="en"))
        return rows.approved().first() or rows.drafts().order_by("-pk").first()
