"""Prose: Markdown in, safe HTML out, citations numbered. The only caller of the markdown and nh3 packages.

Two doors stand behind each other. Markdown runs with raw HTML switched off and lets only known links through;
whatever it returns then passes an allowlist (nh3), so that a hole in the first door opens nothing.

`blocks`, `plain`, `words`, `citation_keys` and `entry_links` read the same Markdown without rendering it.
"""

import hashlib
import html
import re
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement

import markdown
import nh3
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext
from markdown.extensions import Extension
from markdown.extensions.tables import TableExtension
from markdown.inlinepatterns import InlineProcessor
from markdown.treeprocessors import Treeprocessor

from content.kinds import KINDS
from content.text.kept import Kept

Resolve = Callable[[str, str], str | None]  # (kind, slug) -> address, or None while the page is not public

_CITATION = r"\[@([a-z0-9][a-z0-9.-]*)\]"
# Two or more in a row make one mark. The space before belongs to it: the mark clings to its word.
_CITATIONS = rf"[ \n]{{0,2}}({_CITATION}(?:[ \n]{{0,2}}{_CITATION})*)"
_ENTRY_LINK = re.compile(r"^([a-z][a-z-]*):([a-z0-9][a-z0-9-]*)$")
_OUTSIDE_LINK = re.compile(r"^(?:https?://[^\s\\]+|mailto:[^\s\\]+|tel:\+?[0-9]+)$", re.IGNORECASE)
_OWN_LINK = re.compile(r"^(?:/(?![/\\])|[#?])[^\s\\]*$")
# Of one section. Our longest page has an eighth of the letters and a quarter of the brackets in all.
LONGEST, MOST_BRACKETS = 100_000, 500
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


@dataclass(frozen=True)
class Citations:
    """The citations of one page, numbered in the order of their first use. One for the whole page."""

    known: Mapping[str, object] | Collection[str]
    keys: list[str] = field(default_factory=list)
    printed: set[str] = field(default_factory=set)  # those that something on paper points to
    _numbers: dict[str, int] = field(default_factory=dict, repr=False)

    def number(self, key: str) -> int:
        """The number of a source, a new one on first use. KeyError if there is no such source."""
        if key not in self.known:
            raise KeyError(key)
        if key not in self._numbers:
            self.keys.append(key)
            self._numbers[key] = len(self.keys)
        self.printed.add(key)
        return self._numbers[key]


def is_too_tangled(text: str) -> bool:
    """Would Markdown look for the other end of every bracket for minutes? The gate refuses such a text."""
    return len(text) > LONGEST or text.count("[") > MOST_BRACKETS


def render(
    text: str,
    *,
    citations: Citations,
    resolve: Resolve,
    heading_level: int = 3,
    folds: bool = False,
    language: str = "en",
) -> SafeString:
    """A section of Markdown as HTML; its highest heading becomes `heading_level`. `folds`: a list whose points each
    begin with what they are about becomes folds, that one's line on each."""
    return _once("block", text, _Page(citations, resolve, heading_level, folds), language)


def render_inline(text: str, *, citations: Citations, resolve: Resolve, language: str = "en") -> SafeString:
    """One line of Markdown (a list item, a cell) as HTML without a paragraph around it."""
    return _once("inline", text, _Page(citations, resolve, heading_level=6), language)


def number(text: str, citations: Citations) -> None:
    """Gives its sources the numbers that they get where the text is rendered. The gate lets no text out in which
    Markdown finds others."""
    if not is_too_tangled(text):
        _numbers(citation_keys(text), citations)


def _numbers(cited: Iterable[str], citations: Citations) -> tuple[int | None, ...]:
    """Of each source; nothing for one that there is not."""
    return tuple(citations.number(key) if key in citations.known else None for key in cited)


# Reading Markdown without rendering it ------------------------------------------------------------------

_LIST_ITEM = re.compile(r"^(\s*)(?:[-*+]|\d{1,3}[.)])\s+(.*)$")
_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*$")
_RULER = re.compile(r"^\s*\|?[\s:|-]*-{2,}[\s:|-]*$")  # the line under a table's head, or a thematic break
_LINK = re.compile(r"\[([^\[\]]*)\]\(\s*<?([^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*)>?[^)]*\)")
_MARKS = re.compile(r"(\*\*|__|\*|(?<!\w)_|_(?!\w)|`)")
_BACKSLASH = re.compile(r"\\([\\`*_{}\[\]()#+.!|-])")


class Block(NamedTuple):
    """A paragraph, list item, heading or table row, in Markdown; `line` counts from 0 within the text."""

    kind: str  # "paragraph", "item", "heading", "row"
    text: str
    line: int


def blocks(text: str) -> list[Block]:
    """The blocks of a text, in order. A block is the unit a citation covers."""
    return list(_blocks(text))


def citation_keys(text: str) -> list[str]:
    """The keys of all citations, in order of first use."""
    return list(_citation_keys(text))


def links(text: str) -> list[str]:
    """The addresses of all links, entries and outside alike."""
    return [match[2] for match in _LINK.finditer(text)]


def entry_links(text: str) -> list[tuple[str, str]]:
    """The (kind, slug) of all links to entries."""
    return list(_entry_links(text))


@lru_cache(maxsize=4_000)
def _entry_links(text: str) -> tuple[tuple[str, str], ...]:
    return tuple(entry for link in links(text) if (entry := _entry(link)))


def _entry(link: str) -> tuple[str, str] | None:
    """The (kind, slug) of a link such as drug:pembrolizumab."""
    match = _ENTRY_LINK.match(link)
    return (match[1], match[2]) if match and match[1] in KINDS else None


@lru_cache(maxsize=4_000)  # every page asks anew what its texts cite and link to
def _citation_keys(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(re.findall(_CITATION, text)))


@lru_cache(maxsize=4_000)
def plain(text: str) -> str:
    """The words of a text: no markup, no citations. For search, open data and page descriptions."""
    return "\n".join(_plain_line(block.text) for block in _blocks(text))


def leads(text: str) -> list[str]:
    """What its points are about: the strong letters they begin with, or else their first sentences."""
    texts = [block.text for block in _blocks(text) if block.kind in ("paragraph", "item")]
    strong = [plain(match[1]).rstrip(".:") for one in texts if (match := _LEAD.match(one))]
    return strong or [_FIRST_SENTENCE.split(plain(one), maxsplit=1)[0] for one in texts]


_LEAD = re.compile(r"\*\*([^*]+)\*\*")
_FIRST_SENTENCE = re.compile(r"(?<=[.?!:]) ")


def words(text: str) -> list[str]:
    """The words a reader reads."""
    return re.findall(r"\w[\w'’.,/-]*\w|\w", plain(text))


def tidy(text: str) -> str:
    """The text as it is stored: no trailing spaces, one blank line around every block and none elsewhere.

    Markdown takes a list for part of the paragraph above unless a blank line parts them.
    """
    tidied: list[str] = []
    previous = ""  # kind of the line before: "", "text", "item", "heading", "row"
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        line = line.rstrip()
        kind = _line_kind(line, within_item=previous == "item")
        starts_block = kind != previous or kind == "heading"
        if line and previous and starts_block and not (previous == "item" and kind == "text"):
            tidied.append("")
        if line or (tidied and tidied[-1]):
            tidied.append(line)
        previous = kind
    return "\n".join(tidied).strip("\n")


def _line_kind(line: str, *, within_item: bool) -> str:
    if not line.strip():
        return ""
    if _HEADING.match(line):
        return "heading"
    if _LIST_ITEM.match(line) or (within_item and line.startswith(" ")):
        return "item"
    return "row" if line.lstrip().startswith("|") else "text"


@lru_cache(maxsize=4_000)  # the page gate asks for the same ones rule by rule
def _blocks(text: str) -> tuple[Block, ...]:
    return tuple(_split(text))


def _split(text: str) -> Iterator[Block]:
    kind, start = "", 0
    lines: list[str] = []
    for number, line in enumerate(text.split("\n")):
        item, heading = _LIST_ITEM.match(line), _HEADING.match(line)
        row = line.lstrip().startswith("|")
        if lines and (not line.strip() or item or heading or row):
            yield Block(kind, " ".join(lines), start)
            lines = []
        if not line.strip() or _RULER.match(line):
            continue
        if heading:
            yield Block("heading", heading[2], number)
        elif row:
            yield Block("row", line.strip().strip("|").strip(), number)
        elif item:
            kind, lines, start = "item", [item[2]], number
        elif lines:
            lines.append(line.strip())
        else:
            kind, lines, start = "paragraph", [line.strip()], number
    if lines:
        yield Block(kind, " ".join(lines), start)


def without_citations(text: str) -> str:
    """The same Markdown, with the space before them gone too."""
    return re.sub(_CITATIONS, "", text)


def _plain_line(text: str) -> str:
    text = without_citations(text)
    text = _LINK.sub(r"\1", text)
    text = re.sub(r" {0,8}(?<!\\)\| {0,8}", ", ", text)
    text = _BACKSLASH.sub(r"\1", _MARKS.sub("", text))
    return " ".join(html.unescape(text).split())


# Rendering ----------------------------------------------------------------------------------------------


@dataclass
class _Page:
    """What the processors below need to know about the page being rendered."""

    citations: Citations
    resolve: Resolve
    heading_level: int
    folds: bool = False
    # What the text turned out to cite and link to.
    cited: set[str] = field(default_factory=set)
    addresses: dict[tuple[str, str], str | None] = field(default_factory=dict)

    def number(self, key: str) -> int:
        self.cited.add(key)
        return self.citations.number(key)

    def address(self, kind: str, slug: str) -> str | None:
        self.addresses[kind, slug] = self.resolve(kind, slug)
        return self.addresses[kind, slug]


class _CitationMarks(InlineProcessor):
    """`[@key] [@key]` -> one small mark that leads to the list below; its numbers are drawn on paper only, so that
    nobody copies them along with the words or reads them as part of a figure."""

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[Element, int, int]:  # noqa: N802
        page: _Page = self.md.page
        numbers, missing = [], []
        for key in re.findall(_CITATION, m[1]):
            try:
                numbers.append(page.number(key))
            except KeyError:  # only a draft can hold one: the page gate lets no such page out
                missing.append(f"[{gettext('source missing')}: {key}]")
        marks = Element("span")
        if missing:
            marks.text = " ".join(missing)
        if numbers:
            SubElement(marks, "a", _mark(numbers))
        return marks, m.start(0), m.end(0)


def _mark(numbers: list[int]) -> dict[str, str]:
    said = ", ".join(map(str, numbers))
    label = ngettext("Source %(numbers)s", "Sources %(numbers)s", len(numbers)) % {"numbers": said}
    return {"class": "cite", "href": f"#source-{numbers[0]}", "data-n": said, "aria-label": label}


class _Finish(Treeprocessor):
    """Links resolved or taken away, headings moved below the page's own, tables made scrollable."""

    def run(self, root: Element) -> None:
        page: _Page = self.md.page
        for link in list(root.iter("a")):
            _finish_link(link, page)
        headings = [element for element in root.iter() if element.tag in _HEADINGS]
        highest = min((_HEADINGS.index(heading.tag) for heading in headings), default=0)
        for heading in headings:
            level = page.heading_level + _HEADINGS.index(heading.tag) - highest
            heading.tag = f"h{min(level, 6)}"
        for parent in list(root.iter()):
            for position, child in enumerate(parent):
                if child.tag == "table":
                    parent[position] = _scrollable(child)
        if page.folds:
            _fold(root)


def _finish_link(link: Element, page: _Page) -> None:
    if link.get("class") == "cite":
        return
    target = html.unescape(link.get("href", "")).strip()
    if entry := _entry(target):
        target = page.address(*entry) or ""
        attributes = {"href": target}
    elif _OUTSIDE_LINK.match(target):
        attributes = {"href": target, "rel": "noopener noreferrer external"}
        if target[:4].lower() != "http":
            attributes = {"href": target}
    elif _OWN_LINK.match(target):
        attributes = {"href": target}
    else:
        target = ""
    link.attrib.clear()
    if target:
        link.attrib.update(attributes)
    else:
        link.tag = "span"  # nh3 takes the tag away and leaves the words


_SHORTEST_FOLD = 60  # characters behind a lead: a few words are no matter for a fold


def _have_leads(points: Element) -> bool:
    """Each point begins in strong letters, and at least half of them can be folded."""
    return all(_begins_strong(_inside(item)) for item in points) and (
        2 * sum(map(_is_matter_for_fold, points)) >= len(points)
    )


def _is_matter_for_fold(item: Element) -> bool:
    """Does it begin with what it is about, and go on at some length?"""
    if not _begins_with_lead(_inside(item)):
        return False
    return len("".join(item.itertext())) - len("".join(_inside(item)[0].itertext())) >= _SHORTEST_FOLD


def _inside(item: Element) -> Element:
    """The words of a point, which stand in a paragraph if there is a gap between points."""
    return item[0] if len(item) and item[0].tag == "p" and not (item.text or "").strip() else item


def _folded(points: Element) -> Element:
    folds = Element("div", {"class": "folds"})
    folds.tail = points.tail
    for item in list(points):
        if not _is_matter_for_fold(item):
            item.tag = "div"
            folds.append(item)
            continue
        fold = SubElement(folds, "details", {"class": "wide-open"})
        inside = _inside(item)
        lead, *others = inside
        below = list(item)[1:] if inside is not item else []
        SubElement(fold, "summary").text = "".join(lead.itertext()).strip().rstrip(".:")
        words = SubElement(fold, "p")
        words.text = (lead.tail or "").lstrip()
        words.extend(child for child in others if child.tag not in _BLOCKS)
        fold.extend(child for child in [*others, *below] if child.tag in _BLOCKS)
    return folds


def _fold(root: Element) -> None:
    """Point by point; where there are several headings, what stands under each of them as a whole."""
    under = _fold_under_headings(root)
    for position, child in enumerate(root):
        if child.tag == "ul" and _have_leads(child):
            root[position] = _folded(child)
        elif child.tag == "ul" and len(child) > MOST_OPEN_POINTS:
            root[position] = _shortened(child)
    _fold_paragraphs(root)
    if under is not None:
        root.append(under)


_BLOCKS = ("p", "ul", "ol", "table")
MOST_OPEN_POINTS = 6


def _shortened(points: Element) -> Element:
    """A long list: its first points, and a line that says how many more there are."""
    frame = Element("div", {"class": "long-list"})
    frame.tail, points.tail = points.tail, None
    items = list(points)
    more = Element("details", {"class": "wide-open"})
    folded = items[MOST_OPEN_POINTS - 1 :]
    SubElement(more, "summary").text = ngettext("%(count)s more", "%(count)s more", len(folded)) % {
        "count": len(folded)
    }
    rest = SubElement(more, "ul")
    for item in folded:
        points.remove(item)
        rest.append(item)
    frame.extend([points, more])
    return frame


def _fold_paragraphs(root: Element) -> None:
    """The same of paragraphs: each with what follows it, up to the next one or to a heading."""
    children = list(root)
    leads = [child for child in children if child.tag == "p" and _begins_with_lead(child)]
    if len(leads) < 2:
        return
    folds, fold = None, None
    for child in children:
        if child in leads:
            if folds is None:
                folds = Element("div", {"class": "folds"})
                folds.tail = "\n"
                root.insert(list(root).index(child), folds)
            fold = SubElement(folds, "details", {"class": "wide-open"})
            lead = child[0]
            SubElement(fold, "summary").text = "".join(lead.itertext()).strip().rstrip(".:")
            child.text, lead.text = (lead.tail or "").lstrip(), None
            child.remove(lead)
        elif child.tag in _HEADINGS or child.get("class") == "folds":
            folds, fold = None, None
        if fold is not None:
            root.remove(child)
            fold.append(child)


def _fold_under_headings(root: Element) -> Element | None:
    """Each heading becomes the line of a fold that holds what follows it, where there are several. They leave the
    root."""
    headings = [child for child in root if child.tag in _HEADINGS]
    if len(headings) < 2:
        return None
    folds, fold = Element("div", {"class": "folds"}), None
    for child in list(root):
        if child in headings:
            fold = SubElement(folds, "details", {"class": "wide-open"})
            root.remove(child)
            SubElement(fold, "summary").append(child)
        elif fold is not None:
            root.remove(child)
            fold.append(child)
    return folds


def _begins_with_lead(paragraph: Element) -> bool:
    """With what it is about, in strong letters and a stop of its own; with no link, which a line cannot hold."""
    if not _begins_strong(paragraph):
        return False
    lead = paragraph[0]
    return lead.find("a") is None and "".join(lead.itertext()).rstrip().endswith((".", ":", "?"))


def _begins_strong(paragraph: Element) -> bool:
    return len(paragraph) > 0 and paragraph[0].tag == "strong" and not (paragraph.text or "").strip()


def _scrollable(table: Element) -> Element:
    heads = list(table.iter("th"))
    for head in heads:
        head.set("scope", "col")
    for cell in table.iter():
        if cell.attrib.pop("align", None) == "right":
            cell.set("class", "number")
    # On a phone a row is a card, and each of its cells says what it is about.
    for row in table.iter("tr"):
        for head, cell in zip(heads, row.findall("td"), strict=False):
            cell.set("data-label", "".join(head.itertext()))
    # A keyboard can only scroll what it can focus, and what has focus needs a name. Not a region: a page has
    # several, and landmarks must not be called the same.
    label = gettext("Table. Scrolls sideways if it is wider than your screen.")
    frame = Element("div", {"class": "table-scroll", "role": "group", "tabindex": "0", "aria-label": label})
    frame.append(table)
    frame.tail, table.tail = table.tail, None
    return frame


class _House(Extension):
    """Our rules on top of Markdown."""

    def extendMarkdown(self, md: markdown.Markdown) -> None:  # noqa: N802
        md.preprocessors.deregister("html_block")
        md.parser.blockprocessors.deregister("code")
        for pattern in ("html", "image_link", "image_reference", "short_image_ref", "backtick"):
            md.inlinePatterns.deregister(pattern)
        # Before links (160), so that "[@a] [@b]" is not taken for a link with a reference.
        md.inlinePatterns.register(_CitationMarks(_CITATIONS, md), "citation", 175)
        # After everything, also after "unescape" (0): the links are then what a browser would get.
        md.treeprocessors.register(_Finish(md), "finish", -10)


_ALLOWLIST = nh3.Cleaner(
    tags={"details", "summary", "p", "br", "hr", "strong", "em", "a", "ul", "ol", "li", "blockquote", "div"}
    | {"table", "thead", "tbody", "tr", "th", "td", "h2", "h3", "h4", "h5", "h6"},
    clean_content_tags={"script", "style", "iframe", "object", "svg", "math", "template"},
    attributes={
        "a": {"href", "rel", "aria-label", "data-n"},
        "div": {"aria-label"},
        "ol": {"start"},
        "td": {"data-label"},
    },
    tag_attribute_values={"th": {"scope": {"col"}}, "div": {"role": {"group"}, "tabindex": {"0"}}},
    allowed_classes={
        "a": {"cite"},
        "div": {"table-scroll", "folds", "long-list"},
        "details": {"wide-open"},
        "td": {"number"},
        "th": {"number"},
    },
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel=None,
)

_per_thread = threading.local()  # a Markdown instance keeps state while it converts


def _parser(shape: str) -> markdown.Markdown:
    parser: markdown.Markdown | None = getattr(_per_thread, shape, None)
    if parser is None:
        extensions: list[str | Extension] = ["sane_lists", _House()]
        if shape == "block":
            extensions.insert(0, TableExtension(use_align_attribute=True))  # a style attribute breaks the CSP
        # Two spaces are enough to put a list inside a list.
        parser = markdown.Markdown(extensions=extensions, tab_length=2, output_format="html")
        if shape == "inline":
            for processor in (
                "empty",
                "indent",
                "hashheader",
                "setextheader",
                "hr",
                "olist",
                "ulist",
                "quote",
            ):
                parser.parser.blockprocessors.deregister(processor)
        setattr(_per_thread, shape, parser)
    return parser


_Addresses = dict[tuple[str, str], str | None]  # that links to entries had when a text was rendered
_rendered: Kept[_Addresses] = Kept(size=3 * 2**20)


def forget() -> None:
    _rendered.clear()


def _once(shape: str, text: str, page: _Page, language: str) -> SafeString:
    """Rendered, unless this process did so with the same numbers of sources and the same links before."""
    if is_too_tangled(text):
        return format_html("<p>{}</p>" if shape == "block" else "{}", _as_markdown(shape, text))
    cited = citation_keys(text)  # in the order of the text: the parser comes to lists and tables later
    made_of = (
        shape,
        _digest(text),
        page.heading_level,
        page.folds,
        language,
        _numbers(cited, page.citations),
    )
    kept = _rendered.get(made_of)
    if kept and all(page.resolve(*entry) == address for entry, address in kept.beside.items()):
        return kept.html
    html = _convert(shape, text, page, language)
    if page.cited <= set(cited):  # Markdown drops control characters, and may so find a citation we did not
        _rendered.put(made_of, html, page.addresses)
    return html


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16).digest()


def _as_markdown(shape: str, text: str) -> str:
    """With the marks of sources behind the full stop, where they do not part it from its sentence."""
    text = tidy(text) if shape == "block" else " ".join(text.split())
    return _MARKS_BEFORE_STOP.sub(r"\g<stop>\1", text)


_MARKS_BEFORE_STOP = re.compile(rf"{_CITATIONS}(?P<stop>[.,;:])")


def _convert(shape: str, text: str, page: _Page, language: str) -> SafeString:
    parser = _parser(shape)
    parser.reset()
    parser.page = page
    with translation.override(language):
        rendered = _ALLOWLIST.clean(parser.convert(_as_markdown(shape, text)))
    if shape == "inline":
        rendered = rendered.removeprefix("<p>").removesuffix("</p>")
    return mark_safe(rendered)  # noqa: S308 - the allowlist has just passed it


# Pages from elsewhere -------------------------------------------------------------------------------------

# What stands around a text on every page of a site, and changes without it.
_AROUND = {
    "script",
    "style",
    "nav",
    "header",
    "footer",
    "aside",
    "form",
    "svg",
    "iframe",
    "noscript",
    "template",
}
_WORDS = nh3.Cleaner(tags={"main"}, clean_content_tags=_AROUND, attributes={}, link_rel=None)
_MAIN = re.compile(r"<main>(.*)</main>", re.DOTALL)
_MAIN_TAG = re.compile(r"</?main>")


def words_of_page(page: str) -> str:
    """The words of HTML that nobody here has written: of its main part, if it names one."""
    text = _WORDS.clean(page)
    main = _MAIN.search(text)
    return " ".join(_MAIN_TAG.sub(" ", main[1] if main else text).split())
