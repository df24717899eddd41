"""The page gate: every rule a text must pass before patients read it, as small functions over plain text.

The same rules run on the library's files (check_library), on CMS prose and when a version is published. A rule
yields findings; "block" keeps the page from going public, "warn" is for the writer's eye. Messages say what to do.
`RULES` at the end is the list.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Literal, NamedTuple

from content import signs
from content.rules import care_cards
from content.text import prose, reading_level, spelling

if TYPE_CHECKING:
    from content.models import Section

Level = Literal["block", "warn"]

MAX_GRADE = 8.0
MAX_SMOG = 9.5
MAX_MEAN_SENTENCE = 14.0
MAX_SENTENCE = 28
MIN_WORDS_TO_GRADE = 100
MAX_KEY_MESSAGE = 40
MAX_SUMMARY = 25
CHECK_INTERVAL = {
    "drug": 184
}  # days from a check to the next; six months change a drug's page, a year others
DEFAULT_CHECK_INTERVAL = 366
MUST_SAY_WHEN_TO_ACT = ("drug", "side-effect")


class Finding(NamedTuple):
    """One thing to put right: `where` is a file or an address, `line` 0 if it is about the whole of it."""

    rule: str
    level: Level
    where: str
    line: int
    message: str
    at: str = ""  # the field of a fact


@dataclass(frozen=True)
class EntryText:
    """The words of one entry, question, update or page, wherever they are stored."""

    kind: str  # drug, side-effect ... or question, update, glossary, page
    slug: str
    language: str = "en"
    sections: Mapping[str, str] = field(default_factory=dict)  # name -> Markdown, key_message first
    lists: Mapping[str, list[str]] = field(default_factory=dict)  # act_emergency ... -> inline Markdown
    head: Mapping[str, object] = field(default_factory=dict)
    where: str = ""
    line_of: Callable[[str], int] = lambda name: 0  # of a section, list or head field

    @property
    def texts(self) -> Iterator[tuple[str, str]]:
        """Every piece of Markdown with the name of the section or list it stands in."""
        yield from self.sections.items()
        for name, items in self.lists.items():
            for item in items:
                yield name, item

    def finding(self, level: Level, message: str, *, at: str = "", line: int = 0) -> Finding:
        first = self.line_of(at) if at else 0
        return Finding("", level, self.where or f"{self.kind}:{self.slug}", first + line, message)


@dataclass(frozen=True)
class Known:
    """What the rules compare a text with."""

    sections: tuple[Section, ...] = ()
    sources: Collection[str] = frozenset()
    links: Mapping[str, Collection[str]] = field(default_factory=dict)  # kind -> slugs
    names: frozenset[str] = frozenset()  # of drugs and diseases, masked when grading
    glossary: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # term -> all its forms
    today: datetime.date = field(default_factory=datetime.date.today)

    @property
    def cited(self) -> frozenset[str]:
        """The sections that make medical claims."""
        return frozenset(section.name for section in self.sections if section.cited and not section.built)


Rule = Callable[[EntryText, Known], Iterator[Finding]]


def check(entry: EntryText, known: Known, *, rules: Iterable[Rule] | None = None) -> list[Finding]:
    """All findings about one text, in the order of its lines."""
    found = [
        finding._replace(rule=rule.__name__.replace("_", "-"))
        for rule in (RULES if rules is None else rules)
        for finding in rule(entry, known)
    ]
    return sorted(set(found), key=lambda finding: (finding.line, finding.rule, finding.message))


# Parts of the page --------------------------------------------------------------------------------------


def sections_present(entry: EntryText, known: Known) -> Iterator[Finding]:
    if not known.sections:
        return
    for name, heading in [("key_message", "Key message")] + [
        (section.name, str(section.heading)) for section in known.sections if not section.built
    ]:
        if not entry.sections.get(name, "").strip():
            yield entry.finding("block", f'Write the section "{heading}": it is missing or empty.', at=name)


def key_message_short(entry: EntryText, known: Known) -> Iterator[Finding]:
    count = len(prose.words(entry.sections.get("key_message", "")))
    if count > MAX_KEY_MESSAGE:
        yield entry.finding(
            "block",
            f"Shorten the key message to {MAX_KEY_MESSAGE} words: it has {count}.",
            at="key_message",
        )


def summary_short(entry: EntryText, known: Known) -> Iterator[Finding]:
    summary = entry.head.get("summary")
    if not isinstance(summary, str):
        return
    count = len(prose.words(summary))
    if count > MAX_SUMMARY:
        message = f"Shorten the summary to {MAX_SUMMARY} words: it has {count}."
        yield entry.finding("block", message, at="summary")
    if len(reading_level.sentences_of(summary)) > 1:
        yield entry.finding("block", "Make the summary one sentence.", at="summary")
    if "[" in summary:
        yield entry.finding("block", "Take citations and links out of the summary.", at="summary")


def urgent_signs_present(entry: EntryText, known: Known) -> Iterator[Finding]:
    if entry.kind not in (*MUST_SAY_WHEN_TO_ACT, "therapy"):
        return
    level: Level = "block" if entry.kind in MUST_SAY_WHEN_TO_ACT else "warn"
    urgent = {name: entry.lists.get(f"act_{name}") for name in ("emergency", "same_day", "next_visit")}
    urgency = entry.head.get("urgency")
    if entry.kind == "side-effect" and urgency == "routine":
        missing = "" if any(urgent.values()) else "act"
    elif entry.kind == "side-effect" and urgency in urgent:
        missing = "" if urgent[urgency] else str(urgency)
    else:
        missing = "" if urgent["emergency"] or urgent["same_day"] else "emergency or same_day"
    if missing:
        message = f"Say which signs need help how soon: fill [act] {missing}."
        yield entry.finding(level, message, at="act")


def urgency_agrees(entry: EntryText, known: Known) -> Iterator[Finding]:
    """The signs are known by English words; a translation follows its English page."""
    if entry.language != "en":
        return
    card = {level: entry.lists.get(f"act_{level}", ()) for level in signs.LEVELS}
    readers = signs.readers_of(entry.kind, entry.slug, str(entry.head.get("therapy_class", "")))
    for found in care_cards.too_mild(card, readers):
        who = f" for {', '.join(found.groups)}" if found.groups else ""
        message = (
            f"{found.words!r} is {found.needed}{who} in signs.toml: move it there, "
            "or say which treatment the line is about."
        )
        yield entry.finding("block", message, at=f"act_{found.level}.{found.position}")


def dates_in_order(entry: EntryText, known: Known) -> Iterator[Finding]:
    checked, due = entry.head.get("checked_on"), entry.head.get("next_check_due")
    if not isinstance(checked, datetime.date):
        return
    if checked > known.today:
        yield entry.finding("block", f"checked_on {checked} lies in the future.", at="checked_on")
    if not isinstance(due, datetime.date):
        return
    interval = CHECK_INTERVAL.get(entry.kind, DEFAULT_CHECK_INTERVAL)
    if due <= checked:
        yield entry.finding("block", "next_check_due must be after checked_on.", at="next_check_due")
    elif (due - checked).days > interval:
        latest = checked + datetime.timedelta(days=interval)
        message = f"Set next_check_due to {latest} or earlier ({interval // 30} months after checked_on)."
        yield entry.finding("block", message, at="next_check_due")
    elif due < known.today:
        yield entry.finding("warn", f"The next check was due on {due}.", at="next_check_due")


# Citations and links ------------------------------------------------------------------------------------


def citations_known(entry: EntryText, known: Known) -> Iterator[Finding]:
    for name, block in _blocks(entry):
        for key in prose.citation_keys(block.text):
            if key not in known.sources:
                message = f"There is no source {key!r}: add sources/{key}.toml or correct the key."
                yield entry.finding("block", message, at=name, line=block.line)
        if block.text.count("[@") != len(re.findall(r"\[@[a-z0-9][a-z0-9.-]*\]", block.text)):
            message = "Write a citation as [@key]: small letters, digits and hyphens, one key in a pair of brackets."
            yield entry.finding("block", message, at=name, line=block.line)
    for key in entry.head.get("leaflets", ()):
        if key not in known.sources:
            yield entry.finding("block", f"There is no source {key!r} to link to.", at="leaflets")


def citations_present(entry: EntryText, known: Known) -> Iterator[Finding]:
    for name in known.cited:
        text = entry.sections.get(name, "")
        if not text.strip():
            continue
        if not prose.citation_keys(text):
            yield entry.finding("block", "Cite at least one source in this section.", at=name)
            continue
        for claims in _paragraphs_and_lists(text):
            if not any(prose.citation_keys(block.text) for block in claims) and _makes_claims(claims):
                message = "No citation here. Cite the source if this states a medical fact."
                yield entry.finding("warn", message, at=name, line=claims[0].line)
    for name, items in entry.lists.items():
        for position, item in enumerate(items):
            if name.startswith("act_") and not prose.citation_keys(item):
                message = f"Cite a source for this sign: {prose.plain(item)[:60]!r}."
                yield entry.finding("block", message, at=f"{name}.{position}")


def numbers_cited(entry: EntryText, known: Known) -> Iterator[Finding]:
    if _cites_in_head(entry):
        return
    for name, claims in _claims(entry, known):
        introduction_cited = False
        for block in claims:
            cited = bool(prose.citation_keys(block.text))
            # A table's figures may be cited in the line above it or in any of its rows.
            if block.kind == "row":
                cited = introduction_cited or any(
                    prose.citation_keys(row.text) for row in claims if row.kind == "row"
                )
            elif block.kind == "paragraph":
                introduction_cited = cited
            number = _NUMBER.search(" ".join(_statements(block.text)))
            if number and not cited:
                message = f"Cite the source of {number[0].strip()!r} in the same paragraph or list item."
                yield entry.finding("block", message, at=name, line=block.line)


def _cites_in_head(entry: EntryText) -> bool:
    """A glossary term is one sentence or two, a row of a table a few words; their sources stand beside them."""
    return entry.kind in ("glossary", *_ROWS) and bool(entry.head.get("sources"))


def _statements(text: str) -> list[str]:
    """The sentences that say something. "How many of 100 people ...?" and "Ask ..." only want to know it."""
    sentences = reading_level.sentences_of(text)
    return [
        sentence for sentence in sentences if not sentence.endswith("?") and not sentence.startswith("Ask ")
    ]


def links_known(entry: EntryText, known: Known) -> Iterator[Finding]:
    for name, block in _blocks(entry):
        for link in prose.links(block.text):
            if message := _wrong_link(link, known):
                yield entry.finding("block", message, at=name, line=block.line)
        if re.search(r"^\[[^\]@]+\]:\s", block.text) or re.search(r"\]\[[^@\]]*\]", block.text):
            message = "Write links as [text](address), in one place."
            yield entry.finding("block", message, at=name, line=block.line)


def _wrong_link(link: str, known: Known) -> str:
    entry = prose.entry_links(f"[x]({link})")
    if entry:
        kind, slug = entry[0]
        if kind in known.links and slug not in known.links[kind]:
            return f"There is no {kind} {slug!r}: see slugs.toml."
        return ""
    if re.match(r"^(?:https?://[^\s/]+\.[^\s/]+|mailto:[^\s@]+@[^\s@]+\.)", link) or re.match(
        r"^/[a-z]", link
    ):
        return ""
    kinds = ", ".join(prose.LINK_KINDS)
    return f"{link!r} leads nowhere: write https://…, mailto:… or one of {kinds} with a slug."


# Words --------------------------------------------------------------------------------------------------

_PROMOTIONAL = re.compile(
    r"\b(?:breakthroughs?|cutting[- ]edge|miracles?|miraculous|revolution(?:ary|ize[sd]?|izing)|world[- ]class"
    r"|world[- ]leading|beacons?|game[- ]chang(?:er|ers|ing)|state[- ]of[- ]the[- ]art|ground-?breaking"
    r"|wonder[- ]drugs?|magic bullets?|unrivall?ed|unparallell?ed|top[- ]rated|renowned|promising|amazing"
    r"|leading(?! (?:to|cause|causes|up)\b)|best(?! supportive\b)|hop(?:e|es|ed|ing|eful))\b",
    re.IGNORECASE,
)
_PROMISE = re.compile(
    r"\b(?:safe(?:ly)?|harmless|risk[- ]free|painless"
    r"|no (?:side effects|risks?)|without (?:any )?(?:side effects|risks?))\b",
    re.IGNORECASE,
)
_NO_PROMISE = re.compile(
    r"\b(?:not|never|no|nobody|whether|if|until|unless|ask)\b|n['’]t\b|\?", re.IGNORECASE
)
# Rows of the tables of facts: who a use is for may be told by what was reached, or can no longer be.
_ROWS = ("indication", "occurrence")
_STATE_OF_DISEASE = re.compile(
    r"\b(?:in (?:[\w-]+ ){0,4}remissions?|(?:cannot|can not|could not) be cured)\b", re.IGNORECASE
)
_CURE = re.compile(r"\b(?:cur(?:e|es|ed|ing|able)|remissions?)\b", re.IGNORECASE)
_FREQUENCY = re.compile(
    r"\b(?:\d[\d.,]*|one|two|three|four|five|six|seven|eight|nine|ten)(?: to \d[\d.,]*)?"
    r"(?: (?:people|patients|women|men|adults|children))?"
    r" (?:in|of|out of)(?: every| about| each| the| those| these)* (?:\d[\d,]*|two|three|four|five|ten)\b",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"\b\d[\d.,]*\s?(?:%|percent\b)", re.IGNORECASE)
_UNITS = (
    "people|patients|women|men|adults|children|minutes?|hours?|days?|weeks?|months?|years?|mg|grams?|g|ml|mL|"
    "milligrams?|milliliters?|liters?|°C|°F|degrees"
)
_NUMBER = re.compile(
    rf"{_PERCENT.pattern}|{_FREQUENCY.pattern}|\b\d[\d.,]*(?:[ -](?:to|or|and|–)?[ -]?\d[\d.,]*)?[ -]?(?:{_UNITS})\b",
    re.IGNORECASE,
)


def no_promotion(entry: EntryText, known: Known) -> Iterator[Finding]:
    if entry.language != "en":
        return
    for name, block in _blocks(entry):
        for sentence in reading_level.sentences_of(block.text):
            found = _PROMOTIONAL.search(sentence)
            # A patient may hope, and ask for the best; we may not sell either.
            if found and not (sentence.endswith("?") and found[0].lower() in ("best", "hope", "hoping")):
                message = f"Take out {found[0]!r}: say what is known instead."
                yield entry.finding("block", message, at=name, line=block.line)


def no_promise_of_safety(entry: EntryText, known: Known) -> Iterator[Finding]:
    if entry.language != "en":
        return
    for name, block in _blocks(entry):
        for sentence in reading_level.sentences_of(block.text):
            found = _PROMISE.search(sentence)
            if found and not _NO_PROMISE.search(sentence.replace(found[0], " ")):
                message = f"Do not promise {found[0]!r}: name the risk, or say what is not known."
                yield entry.finding("block", message, at=name, line=block.line)


def cure_with_number(entry: EntryText, known: Known) -> Iterator[Finding]:
    if entry.language != "en" or entry.kind == "glossary":  # to say what the word means promises nothing
        return
    for name, claims in _claims(entry, known):
        for block in claims:
            text = prose.plain(block.text)
            if entry.kind in _ROWS:
                text = _STATE_OF_DISEASE.sub("", text)
            found = _CURE.search(text)
            if found and not (_NUMBER.search(text) and prose.citation_keys(block.text)):
                message = f"{found[0]!r} needs a number of people and its source in the same paragraph. Or take it out."
                yield entry.finding("block", message, at=name, line=block.line)


def benefit_with_harm(entry: EntryText, known: Known) -> Iterator[Finding]:
    """A number of people helped stands beside a number of people harmed, both "of 100 people"."""
    if entry.language != "en" or "benefit" not in entry.sections:
        return
    helped = [block for block in prose.blocks(entry.sections["benefit"]) if _counts_people(block.text)]
    if not helped:
        return
    for block in helped:
        if not _OF_100.search(prose.plain(block.text)) and not _near_of_100(entry.sections["benefit"], block):
            message = 'Give the number as "of 100 people", so that benefit and harm can be compared.'
            yield entry.finding("block", message, at="benefit", line=block.line)
    texts = [prose.plain(text) for name, text in entry.sections.items() if name != "questions"]
    harmed = any(_OF_100.search(text) and _HARM.search(text) for whole in texts for text in whole.split("\n"))
    if not harmed:
        message = 'Numbers of benefit need a number of harm, "of 100 people", on the same page.'
        yield entry.finding("block", message, at="benefit", line=helped[0].line)


_OF_100 = re.compile(r"\b(?:of|in|out of)(?: every| each| the| these| those| about)* 100\b", re.IGNORECASE)
_HARM = re.compile(
    r"\b(?:side effects?|harms?|harmed|severe|serious|died (?:of|from)|stop(?:ped)? (?:the )?treatment|had to stop|"
    r"inflammation|infections?|fever|syndrome|bleeding|rash|diarrhea|fatal|life-threatening)\b",
    re.IGNORECASE,
)


def _counts_people(text: str) -> bool:
    text = prose.plain(text)
    return bool(
        _FREQUENCY.search(text) or re.search(_PERCENT.pattern + r" of (?:the )?(?:people|patients)", text)
    )


def _near_of_100(section: str, block: prose.Block) -> bool:
    """Whether the paragraph also gives it of 100, or the numbers hang on an introduction that does."""
    for claims in _paragraphs_and_lists(section):
        if block in claims:
            return any(_OF_100.search(prose.plain(other.text)) for other in claims)
    return False


def american_spelling(entry: EntryText, known: Known) -> Iterator[Finding]:
    if entry.language != "en":
        return
    for name, block in _blocks(entry):
        text = prose.plain(block.text)
        if found := spelling.british_word(text):
            message = f"{found!r} is British: write {spelling.american(found)!r}."
            yield entry.finding("block", message, at=name, line=block.line)


def house_words(entry: EntryText, known: Known) -> Iterator[Finding]:
    if entry.language != "en":
        return
    for name, block in _blocks(entry):
        text = prose.plain(block.text)
        if re.search(r"\bplease\b", text, re.IGNORECASE):
            yield entry.finding("block", 'Leave out "please": say what to do.', at=name, line=block.line)
        if found := re.search(r"\b(?:drug|drugs)\b(?! (?:label|company|companies|use|test)\b)", text):
            yield entry.finding("warn", f'Write "medicine", not {found[0]!r}.', at=name, line=block.line)


def not_tangled(entry: EntryText, known: Known) -> Iterator[Finding]:
    for name, text in entry.texts:
        if prose.is_too_tangled(text):
            message = (
                f"Divide this text: at most {prose.LONGEST:,} characters and {prose.MOST_BRACKETS} signs “[”. "
                "It is shown unformatted."
            )
            yield entry.finding("block", message, at=name)


def no_html(entry: EntryText, known: Known) -> Iterator[Finding]:
    for name, block in _blocks(entry):
        if re.search(
            r"<(?!https?://)[a-zA-Z/!?]|&(?:#\d|#x|[a-z]+;)|javascript:|\]\(\s*data:",
            block.text,
            re.IGNORECASE,
        ):
            message = "Take out the HTML: it would show as text. Markdown is all there is."
            yield entry.finding("block", message, at=name, line=block.line)
        if re.search(r"!\[", block.text):
            yield entry.finding("block", "Pictures cannot stand in prose.", at=name, line=block.line)


def glossary_explained(entry: EntryText, known: Known) -> Iterator[Finding]:
    """The first use of a glossary term explains it: brackets, "means", "called", a colon."""
    if entry.kind == "glossary":
        return
    seen: set[str] = set()
    terms = _by_first_word(tuple(known.glossary.items()))
    for name, block in _blocks(entry):
        if name == "questions":
            continue
        for sentence in reading_level.sentences_of(block.text):
            for term, form in chain.from_iterable(terms.get(word, ()) for word in _words(sentence)):
                if term in seen or not form.search(sentence):
                    continue
                seen.add(term)
                if not re.search(
                    r"[(:;–—]| means? | called | call | is an? | are | that is|, (?:an?|the) |, or ", sentence
                ):
                    message = f"Explain {term!r} where it first appears."
                    yield entry.finding("warn", message, at=name, line=block.line)


@lru_cache(maxsize=8)
def _by_first_word(
    glossary: tuple[tuple[str, tuple[str, ...]], ...],
) -> dict[str, list[tuple[str, re.Pattern]]]:
    """What to look for where a word stands: to try every term on every sentence took half of a check."""
    found: dict[str, list[tuple[str, re.Pattern]]] = {}
    for term, form in ((term, form) for term, forms in glossary for form in forms):
        for word in _words(form)[:1]:
            pattern = re.compile(rf"\b{re.escape(form)}\b", re.IGNORECASE)
            found.setdefault(word, []).append((term, pattern))
    return found


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


# Reading level ------------------------------------------------------------------------------------------


def easy_to_read(entry: EntryText, known: Known) -> Iterator[Finding]:
    if entry.language != "en":
        return
    levels = {name: reading_level.measure(text, names=known.names) for name, text in entry.sections.items()}
    for name, level in levels.items():
        if level.words >= MIN_WORDS_TO_GRADE and level.grade > MAX_GRADE:
            message = (
                f"Reading grade {level.grade:.1f}, at most {MAX_GRADE:.0f}: shorter sentences "
                f"({level.words_per_sentence:.0f} words on average), shorter words."
            )
            yield entry.finding("block", message, at=name)
    whole = sum(levels.values(), start=reading_level.NOTHING)
    if whole.words < MIN_WORDS_TO_GRADE:
        return
    if whole.smog > MAX_SMOG:
        message = (
            f"SMOG {whole.smog:.1f} for the page, at most {MAX_SMOG}: fewer words of three syllables or more."
        )
        yield entry.finding("block", message)
    if whole.words_per_sentence > MAX_MEAN_SENTENCE:
        message = (
            f"{whole.words_per_sentence:.1f} words in a sentence on average, at most {MAX_MEAN_SENTENCE:.0f}."
        )
        yield entry.finding("block", message)


def sentences_short(entry: EntryText, known: Known) -> Iterator[Finding]:
    if entry.language != "en":
        return
    for name, block in _blocks(entry):
        if block.kind in ("heading", "row"):
            continue
        for sentence in reading_level.sentences_of(block.text):
            count = len(sentence.split())
            if count > MAX_SENTENCE:
                message = f"Split this sentence of {count} words (at most {MAX_SENTENCE}): {sentence[:50]!r}…"
                yield entry.finding("block", message, at=name, line=block.line)


# Reading the entry --------------------------------------------------------------------------------------


def _blocks(entry: EntryText) -> Iterator[tuple[str, prose.Block]]:
    """Every block of the page; an item of a list in the head counts as one."""
    for name, text in entry.sections.items():
        for block in prose.blocks(text):
            yield name, block
    for name, items in entry.lists.items():
        for position, item in enumerate(items):
            yield f"{name}.{position}", prose.Block("item", item, 0)
    for name in ("summary", "name", "title", "question", "change_note"):
        if isinstance(value := entry.head.get(name), str):
            yield name, prose.Block("paragraph", value, 0)


def _claims(entry: EntryText, known: Known) -> Iterator[tuple[str, list[prose.Block]]]:
    """The texts that state facts: all but the lists of questions and records, which ask."""
    asks = {section.name for section in known.sections if not section.cited and not section.built}
    for name, text in entry.sections.items():
        if name not in asks:
            for claims in _paragraphs_and_lists(text):
                yield name, claims
    for name, items in entry.lists.items():
        for position, item in enumerate(items):
            yield f"{name}.{position}", [prose.Block("item", item, 0)]


def _paragraphs_and_lists(text: str) -> Iterator[list[prose.Block]]:
    """Paragraphs, each with the list or table that follows it: what one citation may cover."""
    group: list[prose.Block] = []
    for block in prose.blocks(text):
        if block.kind in ("paragraph", "heading") and group:
            yield group
            group = []
        if block.kind != "heading":
            group.append(block)
    if group:
        yield group


def _makes_claims(claims: list[prose.Block]) -> bool:
    """Advice to ask somebody, and a line or two of comfort, need no source."""
    text = " ".join(prose.plain(block.text) for block in claims)
    asks = re.match(r"(?:Ask|Tell|Call|Write down|Bring|Talk|See|Keep|Say)\b", text)
    return len(text.split()) > 12 and not asks


RULES: tuple[Rule, ...] = (
    sections_present,
    key_message_short,
    summary_short,
    urgent_signs_present,
    urgency_agrees,
    dates_in_order,
    citations_known,
    citations_present,
    numbers_cited,
    links_known,
    no_promotion,
    no_promise_of_safety,
    cure_with_number,
    benefit_with_harm,
    american_spelling,
    house_words,
    no_html,
    not_tangled,
    glossary_explained,
    easy_to_read,
    sentences_short,
)
