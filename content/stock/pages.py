"""The first text of the CMS pages, from the library's files. What exists is left to its editors."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from cms import constants
from cms.api import add_plugin, create_page, create_page_content
from cms.models import Page, PageContent, Placeholder
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.sites.models import Site
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from content.changes import announce_change
from content.cms_plugins import PLUGINS
from content.lines import LinesField
from content.models import PageCheck, Source
from content.review import gate
from content.rules import page_address, rows
from content.rules.entry_text import Known
from content.search import upkeep
from content.stock.format import Broken, LibraryFile, parse
from content.stock.importing import library_user
from content.text import prose

TEMPLATES = {"page": "content/page.html", "home": "content/home.html"}
WRITTEN_BY = "Editorial team"
FIRST_VERSION = "First version."

_BLOCK = re.compile(r"^\{\{ block ([a-z_]+)((?: [a-z_]+=\"[^\"\n]*\")*) \}\}$", re.MULTILINE)
_ARGUMENT = re.compile(r" ([a-z_]+)=\"([^\"\n]*)\"")


class PagesRefused(Exception):
    """Something in the files is wrong; nothing was built. Holds every reason."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("\n".join(reasons))
        self.reasons = reasons


@dataclass
class Report:
    """What was built, by slug and language."""

    published: list[str] = field(default_factory=list)
    drafts: dict[str, str] = field(default_factory=dict)  # and why they are not public
    present: list[str] = field(default_factory=list)


# --- Reading ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """A piece of a page: prose, or a block with what its fields hold."""

    plugin: str
    values: dict[str, object]


def read(folder: Path) -> list[LibraryFile]:
    """The files of the pages: parents before children, in the order of the menu, English before translations."""
    files, reasons = [], []
    for path in sorted((folder / "pages").glob("*.md")):
        try:
            file, broken = parse(PurePosixPath("pages") / path.name, path.read_bytes())
        except Broken as error:
            reasons.append(f"pages/{path.name}:{error.line}: {error.message}")
            continue
        reasons += [f"{file.path}:{error.line}: {error.message}" for error in broken]
        files.append(file)
    if reasons:
        raise PagesRefused(reasons)
    parents = {file.slug: file.head.get("parent") for file in files}
    return sorted(files, key=lambda file: (file.language != "en", _depth(file.slug, parents), _order(file)))


def _depth(slug: str, parents: dict[str, object]) -> int:
    seen: list[object] = []
    while (above := parents.get(slug)) and above not in seen:
        seen.append(above)
        slug = str(above)
    return len(seen)


def _order(file: LibraryFile) -> tuple[int, str]:
    order = file.head.get("order")
    return (order if isinstance(order, int) else 0, file.slug)


def reverse_id_of(file: LibraryFile) -> str:
    return str(file.head.get("reverse_id") or file.slug)


def parts_of(file: LibraryFile) -> list[Part]:
    """Prose and blocks in order. Raises PagesRefused with every block that cannot be placed."""
    parts: list[Part] = []
    reasons, end = [], 0
    for match in _BLOCK.finditer(file.text):
        parts += _prose(file.text[end : match.start()])
        end = match.end()
        try:
            parts.append(_block(match[1], dict(_ARGUMENT.findall(match[2]))))
        except ValidationError as error:
            line = file.line_of("text") + file.text[: match.start()].count("\n")
            reasons.append(f"{file.path}:{line}: {match[1]}: {' '.join(error.messages)}")
    if reasons:
        raise PagesRefused(reasons)
    return parts + list(_prose(file.text[end:]))


def _prose(text: str) -> Iterator[Part]:
    if text := prose.tidy(text):
        yield Part("ProsePlugin", {"body": text})


def _block(name: str, arguments: dict[str, str]) -> Part:
    if name not in PLUGINS:
        raise ValidationError(_("There is no such block. Known: %s.") % ", ".join(sorted(PLUGINS)))
    plugin = PLUGINS[name]
    own = {known.name: known for known in plugin.model._meta.local_fields if not known.primary_key}
    unknown = sorted(set(arguments) - set(own))
    if unknown:
        raise ValidationError(_("It has no %s.") % ", ".join(unknown))
    values = {key: _value(own[key], text) for key, text in arguments.items()}
    plumbing = [known.name for known in plugin.model._meta.concrete_fields if known.name not in own]
    plugin.model(**values).full_clean(exclude=plumbing, validate_unique=False)
    return Part(plugin.__name__, values)


def _value(known: models.Field, text: str) -> object:
    """What a key's text stands for in its field."""
    if isinstance(known, models.ForeignKey):
        try:
            return known.related_model._default_manager.get(slug=text)
        except ObjectDoesNotExist:
            raise ValidationError(_("There is no %(kind)s %(slug)s.") % {"kind": known.name, "slug": text})  # noqa: B904
    if isinstance(known, LinesField):
        return [line.strip() for line in text.split(" | ") if line.strip()]
    return known.to_python(text)


# --- Building ---------------------------------------------------------------------------------------------


@transaction.atomic
def build(folder: Path, *, now: datetime.date) -> Report:
    """Builds the pages that are missing, all or nothing. Publishes those that may be public."""
    files = read(folder)
    parts = _parts_of_all(files)
    _name_site()
    report, user = Report(), library_user()
    known = cache(rows.known_in_database)  # by language: pages change nothing of it
    for file in files:
        name = f"{file.slug} ({file.language})"
        content = _create(file, user)
        if content is None:
            report.present.append(name)
            continue
        _fill(content, parts[file.path], now=now)
        fit = [] if _is_blocked(content, known(file.language)) else [rows.text_of(content)]
        with rows.trusting(fit):
            _publish(content, name, report, user)
    if report.published:
        upkeep.refresh_pages()  # the first page had an address of its own until it became the home page
        announce_change()
    return report


def _name_site() -> None:
    """As SITE_URL says, also after it changed: the toolbar and the sitemap read it here."""
    host = urlsplit(settings.SITE_URL).netloc
    Site.objects.filter(pk=settings.SITE_ID).exclude(domain=host, name=host).update(domain=host, name=host)
    Site.objects.clear_cache()


def _parts_of_all(files: list[LibraryFile]) -> dict[PurePosixPath, list[Part]]:
    parts, reasons = {}, []
    for file in files:
        try:
            parts[file.path] = parts_of(file)
        except PagesRefused as refused:
            reasons += refused.reasons
    if reasons:
        raise PagesRefused(reasons)
    return parts


def _create(file: LibraryFile, user: AbstractBaseUser) -> PageContent | None:
    """The draft of a page that is missing; nothing if the page exists in this language."""
    reverse_id = reverse_id_of(file)
    page = Page.objects.filter(reverse_id=reverse_id).first()
    if page and PageContent.admin_manager.filter(page=page, language=file.language).exists():
        return None
    values = {
        "title": file.head["title"],
        "language": file.language,
        "menu_title": file.head.get("menu_title") or None,
        "slug": file.slug,
        "meta_description": file.head["summary"],
        "template": TEMPLATES[str(file.head.get("template") or "page")],
        "in_navigation": bool(file.head.get("in_menu")) and not page_address.of_list(reverse_id),
        "overwrite_url": page_address.of_list(reverse_id) or None,
        # What the site says anyway; "inherit" would ask for all pages above each time.
        "xframe_options": constants.X_FRAME_OPTIONS_DENY,
        "created_by": user,
    }
    if page is None:
        page = create_page(**values, reverse_id=reverse_id, parent=_parent(file))
    else:
        create_page_content(**values, page=page)
    return PageContent.admin_manager.get(page=page, language=file.language)


def _parent(file: LibraryFile) -> Page | None:
    """By its slug: an editor may have renamed it, but its file's name stays its reverse_id or first slug."""
    if not (slug := file.head.get("parent")):
        return None
    return Page.objects.filter(reverse_id=slug).first() or Page.objects.get(
        urls__slug=slug, urls__language="en"
    )


def _fill(content: PageContent, parts: list[Part], *, now: datetime.date) -> None:
    placeholder: Placeholder = content.rescan_placeholders()["content"]
    for part in parts:
        add_plugin(placeholder, part.plugin, content.language, **part.values)
    checked_on = _checked_on(parts, now)
    PageCheck.objects.create(
        extended_object=content,
        written_by=WRITTEN_BY,
        checked_on=checked_on,
        next_check_due=checked_on + datetime.timedelta(days=PageCheck.MAX_CHECK_INTERVAL - 1),
        change_note=FIRST_VERSION,
    )


def _checked_on(parts: list[Part], now: datetime.date) -> datetime.date:
    """The day the page's sources were read: the oldest one, to claim no more than is true."""
    texts = [text for part in parts for value in part.values.values() for text in _texts(value)]
    keys = {key for text in texts for key in prose.citation_keys(text)}
    oldest = Source.objects.filter(key__in=keys).aggregate(day=models.Min("checked_on"))["day"]
    return oldest or now


def _texts(value: object) -> list[str]:
    return [value] if isinstance(value, str) else value if isinstance(value, list) else []


def _is_blocked(content: PageContent, known: Known) -> bool:
    return any(finding.level == "block" for finding in rows.check_content(content, known))


def _publish(content: PageContent, name: str, report: Report, user: AbstractBaseUser) -> None:
    version = content.versions.get()
    if reason := gate.why_not_publish(version):
        report.drafts[name] = reason
        return
    version.publish(user)
    report.published.append(name)
    if content.page.reverse_id == "home":
        content.page.set_as_homepage(user)
