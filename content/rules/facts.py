"""What a fact must fulfil before readers see it, whichever door it comes through: a file, the admin, a command.

Rules are plain functions over a plain row (`fact_rows`); `RULES` at the end says which kind is held to which. The
words readers read are held to the rules of the page gate as well. The same sentence comes out at every door.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache

from content.models import FACT_MODELS
from content.models.indication import DAYS
from content.rules import citations, indications, page_gate, results, signs
from content.rules.entry_text import EntryText, Finding, Known
from content.rules.entry_text import Rule as TextRule
from content.rules.fact_rows import HEADLINES, SLUG, WORDS, FactRow, day_of
from content.text import reading_level
from content.text.prose import citation_keys

Rule = Callable[[FactRow, Known], Iterator[Finding]]


def check(row: FactRow, known: Known) -> list[Finding]:
    """All findings about one fact."""
    return [
        finding._replace(rule=finding.rule or rule.__name__.replace("_", "-"))
        for rule in (*RULES[row.kind], words)
        for finding in rule(row, known)
    ]


def dates_not_ahead(row: FactRow, known: Known) -> Iterator[Finding]:
    for name in (*DAYS, "happened_on", "analysis_on"):
        day = day_of(row, name)
        if day and day > known.today:
            yield row.finding(name, f"{day} lies in the future.")


# --- How common a side effect is --------------------------------------------------------------------------


def percent_in_range(row: FactRow, known: Known) -> Iterator[Finding]:
    for name in ("percent_any", "percent_severe"):
        figure = row.table.get(name)
        if isinstance(figure, (int, float)) and not 0 <= figure <= 100:
            yield row.finding(name, "A percentage lies between 0 and 100.")


def severe_within_any(row: FactRow, known: Known) -> Iterator[Finding]:
    every, severe = row.table.get("percent_any"), row.table.get("percent_severe")
    if isinstance(every, (int, float)) and isinstance(severe, (int, float)) and severe > every:
        yield row.finding("percent_severe", "Severe cases are part of all cases; they cannot be more.")


def figure_in_band(row: FactRow, known: Known) -> Iterator[Finding]:
    figure = row.table.get("percent_any")
    band = _how_common(figure)
    if band and row.table.get("how_common") not in (band, "unknown"):
        message = f"{figure} percent is {band!r}: correct how common it is, or the figure."
        yield row.finding("how_common", message)


def _how_common(percent: object) -> str:
    """EMA's word for a share of people."""
    if not isinstance(percent, (int, float)) or percent <= 0:
        return ""
    bands = ((10, "very-common"), (1, "common"), (0.1, "uncommon"), (0.01, "rare"), (0, "very-rare"))
    return next(word for least, word in bands if percent >= least)


def people_counted(row: FactRow, known: Known) -> Iterator[Finding]:
    people = row.table.get("people")
    if isinstance(people, int) and people < 1:
        yield row.finding("people", "Leave out the number of people if the source does not give it.")


def given_with_others(row: FactRow, known: Known) -> Iterator[Finding]:
    members = row.table.get("given_with")
    for member in members if isinstance(members, list) else ():
        if message := results.misspelled(str(member), known.links.get("drug", ())):
            yield row.finding("given_with", message)


def figure_once(row: FactRow, known: Known) -> Iterator[Finding]:
    what = ("side_effect", "context")
    if any(all(other.table.get(name) == row.table.get(name) for name in what) for other in row.beside):
        yield row.finding("side_effect", "This side effect stands here already with the same circumstances.")


def context_in_english(row: FactRow, known: Known) -> Iterator[Finding]:
    if not row.table.get("context"):
        message = "Say in English in which circumstances the figure holds: given alone, with chemotherapy."
        yield row.finding("context", message)


# --- Questions, words explained, updates -------------------------------------------------------------------


def answer_cites(row: FactRow, known: Known) -> Iterator[Finding]:
    if not citation_keys(_text(row)) and not row.table.get("sources"):
        yield row.finding("text", "Cite a source in the answer or name one beside it.")


def explained_briefly(row: FactRow, known: Known) -> Iterator[Finding]:
    count = len(reading_level.sentences_of(_text(row)))
    if not 1 <= count <= 3:
        yield row.finding("text", f"Explain the term in one or two sentences: there are {count}.")


def _text(row: FactRow) -> str:
    return row.words.get(row.language, {}).get("text", "")


def begins_with_its_day(row: FactRow, known: Known) -> Iterator[Finding]:
    """So that files, and what links to an item, stand in the order of time."""
    happened = day_of(row, "happened_on")
    if happened and not row.slug.startswith(f"{happened}-"):
        yield row.finding("slug", f"Begin its slug (a file: its name) with the day it happened: {happened}-.")


def about_entries(row: FactRow, known: Known) -> Iterator[Finding]:
    about = row.table.get("about")
    for position, name in enumerate(about if isinstance(about, list) else ()):
        if message := why_no_entry(str(name), known, tuple(known.links)):
            yield row.finding(f"about.{position}", message)


def why_no_entry(name: str, known: Known, kinds: Sequence[str]) -> str:
    """What is wrong with the name of an entry of one of these kinds, or an empty text."""
    kind, _, slug = name.partition(":")
    if kind not in kinds:
        return f"{name!r}: write the kind first, one of {', '.join(kinds)}, as in drug:pembrolizumab."
    return (
        ""
        if slug in known.links[kind]
        else f"There is no {kind} {slug!r}: correct it, or add it to the library first."
    )


def slug_of_words(row: FactRow, known: Known) -> Iterator[Finding]:
    """Files have one already: it is their name."""
    if not SLUG.match(row.slug):
        yield row.finding("slug", "A slug is small letters, digits and single hyphens.")


def slug_once(row: FactRow, known: Known) -> Iterator[Finding]:
    """Files cannot break it: two cannot have one name."""
    if row.beside:
        (model,) = (model for model in FACT_MODELS if row.kind == model.NAME)
        (once,) = (rule for rule in model._meta.constraints if rule.name.endswith("_once"))
        yield row.finding("slug", str(once.violation_error_message))


# --- Words ------------------------------------------------------------------------------------------------


def words(row: FactRow, known: Known) -> Iterator[Finding]:
    """The rules of the page gate, text by text and language by language."""
    head = {"sources": row.table.get("sources")}
    for language, texts in row.words.items():
        for name, text in texts.items():
            column = name.partition(".")[0]
            at = column if language == row.language else f"{column}.{language}"
            entry = EntryText(
                row.kind, row.slug, language, {name: text}, head=head, where=row.where, line_of=row.line_of
            )
            for finding in page_gate.check(entry, known, rules=_word_rules(row.kind, column)):
                yield finding._replace(at=at)


@cache
def _word_rules(kind: str, name: str) -> list[TextRule]:
    """What a row of a table says stands in few words. A headline is plain words; its numbers are cited below it."""
    left_out = (citations.numbers_cited,) if name == "title" and kind not in WORDS else ()
    rules = [rule for rule in page_gate.RULES if rule not in left_out]
    return [*rules, no_brackets] if kind in WORDS or name in HEADLINES else rules


def no_brackets(entry: EntryText, known: Known) -> Iterator[Finding]:
    for name, text in entry.sections.items():
        if "[" in text:
            yield entry.finding("block", "Take the brackets out: sources stand beside these words.", at=name)


RULES: dict[str, tuple[Rule, ...]] = {
    "indication": (
        indications.key_is_a_slug,
        indications.key_once,
        indications.regimen_of_medicines,
        indications.use_once,
        indications.decision_once,
        indications.one_decision,
        indications.use_alike,
        indications.wider_use_is_there,
        indications.condition_in_english,
        indications.ages_in_order,
        indications.lines_fit_the_setting,
        indications.undated_says_so,
        indications.days_in_order,
        indications.days_sourced,
        indications.announced_is_not_withdrawn,
        indications.converted_says_so,
        dates_not_ahead,
        indications.biomarkers_once,
        indications.requirements_computable,
    ),
    "occurrence": (
        figure_once,
        context_in_english,
        given_with_others,
        percent_in_range,
        severe_within_any,
        figure_in_band,
        people_counted,
    ),
    "result": (indications.key_is_a_slug, *results.RULES, dates_not_ahead),
    "sign": (
        indications.key_is_a_slug,
        signs.sign_once,
        signs.sign_has_groups,
        signs.groups_of_sign_known,
        signs.words_have_their_group,
        signs.one_speed,
        signs.sign_in_english,
        signs.everybodys_emergency,
        signs.gravest_once,
        signs.gravest_cannot_wait,
        signs.lay_words_once,
        signs.entries_known,
    ),
    "glossary": (slug_of_words, slug_once, explained_briefly),
    "question": (slug_of_words, slug_once, answer_cites),
    "update": (slug_of_words, slug_once, begins_with_its_day, dates_not_ahead, about_entries),
}
