"""Which entries are public, under which name and address: one query for all kinds a page mentions."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db.models import Case, F, OuterRef, Q, Subquery, Value, When
from django.utils.translation import get_language, gettext, override

from content import edition, kinds
from content.models import (
    CancerTypeContent,
    DrugContent,
    FormerSlug,
    Indication,
    TherapyClassContent,
    content_models,
)
from content.models.base import address
from content.text import prose

Treatment = DrugContent | TherapyClassContent
Key = tuple[str, str]  # kind, slug: ("drug", "pembrolizumab")


@dataclass(frozen=True)
class Listed:
    """An entry as other pages mention it. `url` is empty while it has no public page: show plain text."""

    kind: str
    slug: str
    name: str
    summary: str = ""
    url: str = ""
    other_names: tuple[str, ...] = ()
    state: str = "written"  # or "in English" (the page is), or "planned": its page holds facts alone

    @property
    def link(self) -> str:
        """As texts, updates and addresses name it: drug:pembrolizumab."""
        return f"{self.kind}:{self.slug}"

    def written_in(self, language: str) -> str:
        """The language of its page, for a reader of this one."""
        return "en" if self.state == "in English" else language


def look_up(keys: Iterable[Key], language: str) -> Mapping[Key, Listed]:
    """Every key, public or not, as it is to be mentioned. A few queries whatever their number.

    A key may be one that its entry once had: texts that name it stay as they are.
    """
    shown_in = ("entries", language, get_language())  # names are in the one, addresses in the other
    return edition.each(shown_in, set(keys), lambda missing: _look_up(missing, language))


def _look_up(keys: set[Key], language: str) -> dict[Key, Listed]:
    public = {(entry.kind, entry.slug): entry for entry in _public(keys, language)}
    if moved := _moved(keys - set(public)):
        now = {(entry.kind, entry.slug): entry for entry in _public(set(moved.values()), language)}
        public |= {old: now[new] for old, new in moved.items() if new in now}
    return {key: public.get(key) or Listed(*key, name=name_without_page(*key)) for key in keys}


def _moved(keys: set[Key]) -> dict[Key, Key]:
    """Where entries are now that once had these slugs."""
    former = _former() if keys else {}
    return {key: (key[0], former[key]) for key in keys if key in former}


def _former() -> dict[Key, str]:
    """Every slug that an entry had before, with the one it has now. There are few, and pages share them."""
    return edition.shared("former slugs", _read_former)


def _read_former() -> dict[Key, str]:
    rows = FormerSlug.objects.values_list("folder", "slug", "new_slug")
    return {(kinds.folders()[folder].name, old): new for folder, old, new in rows}


def _public(keys: set[Key], language: str) -> list[Listed]:
    wanted: dict[str, list[str]] = {}
    for kind, slug in keys:
        wanted.setdefault(kind, []).append(slug)
    queries = [
        content_models()[kind]
        .objects.filter(Q(entry__slug__in=slugs), language=language)
        .order_by()
        .values_list(Value(kind), F("entry__slug"), "name", "summary")
        for kind, slugs in wanted.items()
        if kind in content_models()
    ]
    if not queries:
        return []
    first, *rest = queries
    rows = first.union(*rest, all=True)
    return [Listed(kind, slug, name, summary, address(kind, slug)) for kind, slug, name, summary in rows]


class Planned(NamedTuple):
    """What the library's list of slugs says of an entry, for the time before it has a public page."""

    name: str
    other_names: tuple[str, ...] = ()  # brands, synonyms: found by search


def planned() -> dict[Key, Planned]:
    """Every entry that the library promises an address."""
    return _listed_in(settings.LIBRARY)


@cache
def _listed_in(library: Path) -> dict[Key, Planned]:
    lists = tomllib.loads((library / "slugs.toml").read_text(encoding="utf-8"))
    return {
        (kind.name, slug): Planned(names) if isinstance(names, str) else Planned(names[0], tuple(names[1:]))
        for kind in kinds.KINDS.values()
        for slug, names in lists.get(kind.folder, {}).items()
    }


def name_without_page(kind: str, slug: str) -> str:
    """What to call an entry before it has a public page. Plain words stay as they are."""
    listed = planned().get((kind, slug))
    return gettext(listed.name) if listed else slug.replace("-", " ")


def within_sentence(name: str) -> str:
    """ "ipilimumab", but "BCG"."""
    return name if name[:2].isupper() else name[:1].lower() + name[1:]


def groups_of(content: Treatment) -> list[str]:
    """The treatment groups of a medicine or class. A medicine without any has those of its class's public page."""
    return next(groups for _content, groups in groups_of_all([content]))


def groups_of_all(contents: Iterable[Treatment]) -> Iterator[tuple[Treatment, list[str]]]:
    """Each with its groups, in one query a language."""
    by_language: dict[str, list[Treatment]] = {}
    for content in contents:
        by_language.setdefault(content.language, []).append(content)
    for language, alike in by_language.items():
        inherit = {
            one.therapy_class_id or 0 for one in alike if isinstance(one, DrugContent) and not one.groups
        }
        of_class = edition.each(("groups of class", language), inherit, partial(_of_classes, language))
        for content in alike:
            inherited = (
                of_class.get(content.therapy_class_id or 0, []) if isinstance(content, DrugContent) else []
            )
            yield content, content.groups or inherited


def address_with_signs_of(group: str, language: str) -> str:
    """Of the page that has the signs of a group: the widest class of those that are about it first of all; or empty."""

    def make() -> dict[str, str]:
        rows = TherapyClassContent.objects.filter(language__in=(language, "en")).order_by("entry__slug")
        widest_last = sorted(rows.values_list("entry__slug", "groups"), key=lambda row: len(row[1]))
        return {groups[0]: slug for slug, groups in widest_last if groups}

    slug = edition.shared(("classes by group", language), make).get(group)
    return address("therapy", slug) if slug else ""


class _Medicine(NamedTuple):
    """Where a medicine belongs."""

    groups: Sequence[str]
    therapy_class: str


def _medicines(language: str) -> dict[str, _Medicine]:
    """By slug, each that has a public page."""
    return edition.shared(("groups of medicines", language), lambda: _read_medicines(language))


def groups_of_medicines(slugs: Iterable[str], language: str) -> set[str]:
    """All treatment groups of those that have a public page."""
    known = _medicines(language)
    return {group for slug in slugs if slug in known for group in known[slug].groups}


def of_class(therapy_class: str, slugs: Iterable[str]) -> set[str]:
    """Those of them that have a public page and are of this very class."""
    known = _medicines("en")
    return {slug for slug in slugs if slug in known and known[slug].therapy_class == therapy_class}


def by_first_group(slugs: Iterable[str], language: str) -> dict[str, list[str]]:
    """Those that have a public page under the group that is theirs first of all: others come with partners."""
    known = _medicines(language)
    found: dict[str, list[str]] = {}
    for slug in sorted(slugs):
        if slug in known and known[slug].groups:
            found.setdefault(known[slug].groups[0], []).append(slug)
    return found


def told_on(content: CancerTypeContent, for_any_solid_tumor: Iterable[str]) -> set[str]:
    """Of the medicines for any solid tumor, those of which a cancer's page tells. Most have nothing to do with most
    cancers. A page that nobody has written lists them all."""
    linked = {slug for text in content.markdown for kind, slug in prose.entry_links(text) if kind == "drug"}
    return {*for_any_solid_tumor} & linked if any(content.markdown) else {*for_any_solid_tumor}


def partners_of(slugs: set[str]) -> set[str]:
    """Medicines that regulators have approved together with one of these, and that are none of them."""
    regimens = edition.shared("medicines given together", _given_together)
    return {slug for regimen in regimens if regimen & slugs for slug in regimen} - slugs


def _given_together() -> set[frozenset[str]]:
    current = Indication.objects.approved().filter(status=Indication.Status.CURRENT).order_by()
    regimens: dict[int, set[str]] = {}
    for use, slug in current.filter(members__drug__isnull=False).values_list("pk", "members__drug__slug"):
        regimens.setdefault(use, set()).add(slug)
    return {frozenset(regimen) for regimen in regimens.values() if len(regimen) > 1}


def medicines_of(content: TherapyClassContent) -> set[str]:
    """The public medicines of a class and of the classes right below it."""
    classes = edition.shared(("classes of medicines", content.language), lambda: _classes(content.language))
    return {slug for slug, above in classes if content.entry_id in above}


def _classes(language: str) -> list[tuple[str, tuple[int | None, ...]]]:
    """Each medicine with its class and the one above that."""
    above = TherapyClassContent.objects.filter(entry=OuterRef("therapy_class"), language="en").order_by()
    rows = DrugContent.objects.filter(language__in=(language, "en")).order_by()
    found = rows.annotate(above=Subquery(above.values("parent")[:1]))
    return [
        (slug, (own, parent))
        for slug, own, parent in found.values_list("entry__slug", "therapy_class", "above")
    ]


def _read_medicines(language: str) -> dict[str, _Medicine]:
    own_language_first = Case(When(language=language, then=0), default=1)
    its_class = TherapyClassContent.objects.filter(
        entry=OuterRef("therapy_class"), language__in=(language, "en")
    ).order_by(own_language_first)
    rows = DrugContent.objects.filter(language__in=(language, "en")).order_by()
    inherited = Subquery(its_class.values("groups")[:1])
    found = rows.annotate(inherited=inherited).values_list(
        "entry__slug", "groups", "inherited", "therapy_class__slug"
    )
    return {slug: _Medicine(own or inherited or [], above) for slug, own, inherited, above in found}


def _of_classes(language: str, classes: set[int]) -> dict[int, list[str]]:
    """As their pages in this language say, or those in English."""
    rows = TherapyClassContent.objects.filter(entry__in=classes, language__in=(language, "en")).order_by()
    own_language_last = sorted(
        rows.values_list("entry", "language", "groups"), key=lambda row: row[1] == language
    )
    return {entry: groups for entry, _language, groups in own_language_last}


def all_of(kind: str, language: str) -> list[Listed]:
    """Every entry of a kind by name: with a page in this language, with an English one, or planned."""
    gone = _former()
    found = {
        slug: Listed(kind, slug, gettext(one.name), "", address(kind, slug), one.other_names, "planned")
        for (planned_kind, slug), one in planned().items()
        if planned_kind == kind and (kind, slug) not in gone
    }
    if language != "en":
        with override("en"):
            english = list(_written(kind, "en"))
        found |= {
            one.slug: replace(one, name=name_without_page(kind, one.slug), state="in English")
            for one in english
        }
    found |= {one.slug: one for one in _written(kind, language)}
    return sorted(found.values(), key=lambda listed: listed.name.casefold())


def _written(kind: str, language: str) -> Iterator[Listed]:
    model = content_models()[kind]
    names = ("other_names", *(["brand_names"] if hasattr(model, "brand_names") else []))
    rows = model.objects.filter(language=language).values_list(F("entry__slug"), "name", "summary", *names)
    for slug, name, summary, *others in rows:
        also = tuple(dict.fromkeys(one for some in reversed(others) for one in some))
        yield Listed(kind, slug, name, summary, address(kind, slug), also)
