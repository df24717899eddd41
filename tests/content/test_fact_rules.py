"""Each rule of facts, through every door to the reader: a library file, the form in the admin, an approval."""

from __future__ import annotations

import datetime
import shutil
from pathlib import Path, PurePosixPath

import pytest
from django.test import Client

from content.models import (
    Biomarker,
    BiomarkerRequirement,
    CancerType,
    Drug,
    Fact,
    GlossaryTerm,
    Indication,
    IndicationText,
    OccurrenceText,
    Question,
    RegimenMember,
    SideEffect,
    SideEffectOccurrence,
    Update,
)
from content.review import facts
from content.stock.files import findings, read
from content.stock.format import LibraryFile, format_file
from tests.factories import TODAY, create_source
from tests.stocks import SMALL

pytestmark = pytest.mark.django_db

Row = dict[str, object]

USE: Row = {
    "key": "fda-test",
    "same_use": "",
    "part_of": "",
    "regimen": ["avelumab", "axitinib"],
    "setting": "advanced",
    "lines": ["any"],
    "condition": "Melanoma that has spread",
    "population": "Adults",
    "min_age": 18,
    "max_age": None,
    "note": "",
    "biomarkers": [],
    "regulator": "FDA",
    "approval": "regular",
    "approved_on": datetime.date(2014, 9, 4),
    "approved_source": "test-label",
    "narrowed_on": None,
    "narrowed_source": "",
    "converted_on": None,
    "converted_source": "",
    "announced_on": None,
    "announced_source": "",
    "withdrawn_on": None,
    "withdrawn_source": "",
    "sources": ["test-label"],
}
FIGURE: Row = {
    "side_effect": "fever",
    "counts": "",
    "given_with": ["chemotherapy"],
    "how_common": "common",
    "percent_any": 4,
    "percent_severe": 1,
    "people": 200,
    "context": "Given alone",
    "sources": ["test-label"],
}
QUESTION: Row = {
    "question": "Can I swim?",
    "topic": "daily-life",
    "text": "Ask your team first [@test-label].",
    "sources": ["test-label"],
}
TERM: Row = {"term": "swab", "text": "A soft stick that takes cells.", "sources": ["test-label"]}
NEWS: Row = {
    "title": "The label was read again",
    "happened_on": datetime.date(2026, 2, 10),
    "kind": "page",
    "about": ["drug:avelumab"],
    "text": "Nothing changed [@test-label].",
    "sources": ["test-label"],
}
GOOD = {"indications": USE, "occurrences": FIGURE, "questions": QUESTION, "glossary": TERM, "updates": NEWS}

TOMORROW = datetime.date.today() + datetime.timedelta(days=1)
PD_L1 = {"biomarker": "pd-l1", "scale": "TPS", "at_least": 1, "level": "TPS 1% or more"}
IC = PD_L1 | {"scale": "IC", "any_of": 1}

NO_HTML = "Take out the HTML: it would show as text. Markdown is all there is."
NO_BRACKETS = "Take the brackets out: sources stand beside these words."
NO_SOURCE = "There is no source 'nope': correct the key, or add the source first."
NO_NUMBER = "'cures' needs a number of people and its source in the same paragraph. Or take it out."

# The kind, what is wrong in the row, the row that stands there already, and the sentence.
CASES: list[tuple[str, Row, Row | None, str]] = [
    ("indications", {"key": "Fda_Test"}, None, "A key is a slug: small letters, digits and single hyphens."),
    (
        "indications",
        {"setting": "adjuvant"},
        USE,
        "The key 'fda-test' names another use already.",
    ),
    (
        "indications",
        {"key": "fda-again", "population": "Adults and children"},
        USE,
        "The same use as 'fda-test': regimen, regulator, setting, biomarkers and condition agree.",
    ),
    (
        "indications",
        {"condition": ""},
        None,
        "Say in English for whom this use is approved: without it, the use seems to be for everybody.",
    ),
    (
        "indications",
        {"approved_on": None, "approved_source": ""},
        None,
        "Without a day of approval, the note says that the day is not confirmed.",
    ),
    (
        "indications",
        {"withdrawn_on": datetime.date(2014, 9, 4)},
        None,
        "A use is withdrawn after it was approved.",
    ),
    (
        "indications",
        {"key": "fda-again", "regimen": ["axitinib", "avelumab"]},
        USE,
        "The same use as 'fda-test': regimen, regulator, setting, biomarkers and condition agree.",
    ),
    (
        "indications",
        {"key": "fda-again", "condition": "Melanoma that came back", "biomarkers": [PD_L1]},
        USE | {"biomarkers": [PD_L1]},
        "The same decision as 'fda-test': say what is different, or keep one of them.",
    ),
    (
        "indications",
        {"key": "ema-test", "regulator": "EMA", "same_use": "one-use", "regimen": ["avelumab"]},
        USE | {"same_use": "one-use"},
        "Not the same use as 'fda-test': regimen or setting differ.",
    ),
    (
        "indications",
        {"key": "fda-again", "same_use": "one-use", "condition": "Melanoma that came back"},
        USE | {"same_use": "one-use"},
        "'fda-test' is of the same regulator: a regulator decides a use once.",
    ),
    (
        "indications",
        {"part_of": "fda-wider"},
        USE | {"key": "fda-wide", "condition": "Melanoma"},
        "The wider use comes first: this cancer has none with the key 'fda-wider' yet.",
    ),
    (
        "indications",
        {"part_of": "ema-wide"},
        USE | {"key": "ema-wide", "condition": "Melanoma", "regulator": "EMA"},
        "'ema-wide' is not a current use of the same regulator.",
    ),
    (
        "indications",
        {"part_of": "fda-wide", "regimen": ["avelumab"]},
        USE | {"key": "fda-wide", "condition": "Melanoma"},
        "'fda-wide' is of another regimen.",
    ),
    (
        "indications",
        {"same_use": "One_use"},
        None,
        "A key is a slug: small letters, digits and single hyphens.",
    ),
    (
        "indications",
        {"regimen": ["chemotherapy"]},
        None,
        "Name a medicine of the library in the regimen, so that its page shows this use.",
    ),
    (
        "indications",
        {"regimen": ["avelumab", "nivolumab or pembrolizumab"]},
        None,
        "'nivolumab or pembrolizumab' joins two medicines: two regimens are two decisions.",
    ),
    (
        "indications",
        {"condition": "Melanoma that has spread; or melanoma that surgery cannot remove"},
        None,
        "This joins two decisions: give each a row and its own day.",
    ),
    (
        "indications",
        {"condition": "Melanoma that has spread. Or melanoma in lymph nodes"},
        None,
        "This joins two decisions: give each a row and its own day.",
    ),
    (
        "indications",
        {"condition": "Melanoma as first treatment or after other treatments"},
        None,
        "This joins two decisions: give each a row and its own day.",
    ),
    (
        "indications",
        {"lines": []},
        None,
        "Say for which treatment lines: one or more of any, first, later, second.",
    ),
    ("indications", {"setting": "first-line"}, None, "These lines do not fit the setting 'first-line'."),
    ("indications", {"max_age": 12}, None, "The greatest age is not below the least one."),
    ("indications", {"min_age": 180}, None, "Write an age in years."),
    (
        "indications",
        {"approved_source": ""},
        None,
        "Say in approved_source which of its sources gives this day.",
    ),
    (
        "indications",
        {"narrowed_source": "test-label"},
        None,
        "There is no narrowed_on: leave out its source, or give the day.",
    ),
    (
        "indications",
        {"approved_source": "test-other"},
        None,
        "'test-other' is none of the sources of this use.",
    ),
    (
        "indications",
        {
            "converted_on": datetime.date(2013, 9, 4),
            "converted_source": "test-label",
            "approval": "converted",
        },
        None,
        "A use is made a full approval after it was approved.",
    ),
    (
        "indications",
        {"converted_on": datetime.date(2016, 9, 4), "converted_source": "test-label"},
        None,
        "A use with a day of full approval after an early one is 'converted'.",
    ),
    (
        "indications",
        {
            "announced_on": datetime.date(2020, 9, 4),
            "announced_source": "test-label",
            "withdrawn_on": datetime.date(2020, 9, 4),
            "withdrawn_source": "test-label",
        },
        None,
        "An announcement is no withdrawal: leave out withdrawn_on until a source gives the day of the end.",
    ),
    (
        "indications",
        {"biomarkers": [{"biomarker": "pd-l1", "scale": "TPS", "level": "TPS 1% or more"}]},
        None,
        "TPS 1% or more: give the number, as at_least or below.",
    ),
    (
        "indications",
        {"biomarkers": [{"biomarker": "pd-l1", "scale": "present", "level": "TPS 1% or more"}]},
        None,
        "TPS 1% or more: a number needs a scale that counts.",
    ),
    (
        "indications",
        {"biomarkers": [PD_L1 | {"at_least": 10}]},
        None,
        "TPS 1% or more: its number is another than that of the words.",
    ),
    (
        "indications",
        {"biomarkers": [PD_L1, IC]},
        None,
        "An any_of group needs two requirements: one of them is enough.",
    ),
    ("indications", {"approved_on": TOMORROW}, None, f"{TOMORROW} lies in the future."),
    ("indications", {"withdrawn_on": TOMORROW}, None, f"{TOMORROW} lies in the future."),
    (
        "indications",
        {"biomarkers": [PD_L1, {**PD_L1, "level": "50% or more", "at_least": 50}]},
        None,
        "A biomarker stands here twice on the same scale: keep one.",
    ),
    (
        "indications",
        {"condition": "A miracle for melanoma"},
        None,
        "Take out 'miracle': say what is known instead.",
    ),
    (
        "indications",
        {"population": "Safe for adults"},
        None,
        "Do not promise 'Safe': name the risk, or say what is not known.",
    ),
    (
        "indications",
        {"note": "It cures many people."},
        None,
        NO_NUMBER,
    ),
    (
        "indications",
        {"condition": "Melanoma [@test-label]"},
        None,
        NO_BRACKETS,
    ),
    ("indications", {"note": "A <b>bold</b> note."}, None, NO_HTML),
    ("indications", {"condition": "A tumour that has spread"}, None, "'tumour' is British: write 'tumor'."),
    ("indications", {"condition": "of it " * 29}, None, "Split this sentence of 58 words (at most 28): "),
    ("occurrences", {}, FIGURE, "This side effect stands here already with the same circumstances."),
    (
        "occurrences",
        {"context": ""},
        None,
        "Say in English in which circumstances the figure holds: given alone, with chemotherapy.",
    ),
    (
        "occurrences",
        {"given_with": ["Nivolumab"]},
        None,
        "There is no medicine 'Nivolumab': write 'nivolumab'.",
    ),
    ("occurrences", {"percent_any": 340}, None, "A percentage lies between 0 and 100."),
    ("occurrences", {"percent_severe": 5}, None, "Severe cases are part of all cases; they cannot be more."),
    (
        "occurrences",
        {"how_common": "very-rare"},
        None,
        "4 percent is 'common': correct how common it is, or the figure.",
    ),
    ("occurrences", {"people": 0}, None, "Leave out the number of people if the source does not give it."),
    (
        "occurrences",
        {"context": "A breakthrough"},
        None,
        "Take out 'breakthrough': say what is known instead.",
    ),
    (
        "questions",
        {"sources": [], "text": "Ask your team first."},
        None,
        "Cite a source in the answer or name one beside it.",
    ),
    ("questions", {"text": "It cures [@test-label]."}, None, NO_NUMBER),
    (
        "questions",
        {"text": "Yes [@nope]."},
        None,
        NO_SOURCE,
    ),
    (
        "questions",
        {"text": "It helps 90% of people."},
        None,
        "Cite the source of '90%' in the same paragraph or list item.",
    ),
    (
        "questions",
        {"text": "Read [this](drug:nope) [@test-label]."},
        None,
        "There is no drug 'nope': correct the link, or add it to the library first.",
    ),
    ("questions", {"question": "Is it a miracle?"}, None, "Take out 'miracle': say what is known instead."),
    (
        "glossary",
        {"text": "One. Two. Three. Four."},
        None,
        "Explain the term in one or two sentences: there are 4.",
    ),
    ("glossary", {"text": "A promising stick."}, None, "Take out 'promising': say what is known instead."),
    ("glossary", {"text": "A stick [@nope]."}, None, NO_SOURCE),
    ("questions", {"question": "Can I [@test-label]?"}, None, NO_BRACKETS),
    ("updates", {"happened_on": TOMORROW}, None, f"{TOMORROW} lies in the future."),
    (
        "updates",
        {"slug": "2026-02-11-test"},
        None,
        "Begin its slug (a file: its name) with the day it happened: 2026-02-10-.",
    ),
    ("updates", {"about": ["rubbish"]}, None, "'rubbish': write the kind first, one of "),
    (
        "updates",
        {"about": ["drug:avelumab", "drug:made-up"]},
        None,
        "There is no drug 'made-up': correct it, or add it to the library first.",
    ),
    ("updates", {"text": "News [@nope]."}, None, NO_SOURCE),
    ("updates", {"text": "News <b>x</b> [@test-label]."}, None, NO_HTML),
    ("updates", {"text": "It cures [@test-label]."}, None, NO_NUMBER),
    (
        "updates",
        {"text": "It helps 90% of people."},
        None,
        "Cite the source of '90%' in the same paragraph or list item.",
    ),
    (
        "updates",
        {"text": "Read [this](drug:nope) [@test-label]."},
        None,
        "There is no drug 'nope': correct the link, or add it to the library first.",
    ),
    ("updates", {"text": "of it " * 29 + "[@test-label]."}, None, "Split this sentence of 58 words"),
    ("updates", {"title": "A breakthrough"}, None, "Take out 'breakthrough': say what is known instead."),
    ("updates", {"title": "News [@test-label]"}, None, NO_BRACKETS),
    ("updates", {"title": "<b>News</b>"}, None, NO_HTML),
]


# --- The doors

OWNERS = {"indications": "melanoma.toml", "occurrences": "avelumab.toml"}


def what_a_file_hears(kind: str, rows: list[Row], folder: Path) -> str:
    """Every finding of check_library, each with its file and line."""
    library = SMALL
    shutil.copy(library / "slugs.toml", folder)
    source = {"title": "T", "publisher": "P", "url": "https://example.org/x", "kind": "label"}
    files = [LibraryFile(PurePosixPath("sources/test-label.toml"), "", head=source | {"checked_on": TODAY})]
    if kind in ("indications", "occurrences"):
        head: Row = {kind.removesuffix("s"): rows}
        if kind == "occurrences":
            head["treatment"] = "drug:avelumab"
        files.append(LibraryFile(PurePosixPath(kind, OWNERS[kind]), "", head=head))
    else:
        (row,) = rows
        head = {name: value for name, value in row.items() if name not in ("text", "slug")}
        path = PurePosixPath(kind, f"{slug_of(row)}.md")
        files.append(LibraryFile(path, "", head=head, text=str(row["text"])))
    for file in files:
        (folder / file.path).parent.mkdir(exist_ok=True)
        (folder / file.path).write_text(format_file(file), encoding="utf-8")
    found = findings(read(folder))
    return "\n".join(
        f"{finding.where}:{finding.line} {finding.message}" for finding in found if finding.level == "block"
    )


def what_the_form_says(kind: str, row: Row, client: Client) -> str:
    """The page that comes back, and nothing is saved."""
    model = MODELS[kind]
    before = model.objects.count()
    page = client.post(f"/admin/content/{model._meta.model_name}/add/", typed(kind, row))
    assert model.objects.count() == before
    return page.content.decode()


def what_approval_says(draft: Fact, by: object) -> str:
    with pytest.raises(facts.ApprovalRefused) as refused:
        facts.approve_fact(draft, by=by, now=TODAY)
    assert type(draft).objects.get(pk=draft.pk).state == "draft"
    return str(refused.value)


MODELS: dict[str, type[Fact]] = {
    "indications": Indication,
    "occurrences": SideEffectOccurrence,
    "questions": Question,
    "glossary": GlossaryTerm,
    "updates": Update,
}
TEXTS = {"questions": "answer", "glossary": "explanation", "updates": "text"}


def slug_of(row: Row) -> str:
    """News is called after its day."""
    return str(row.get("slug") or (f"{row['happened_on']}-test" if "happened_on" in row else "test"))


def typed(kind: str, row: Row) -> dict[str, object]:
    """The row as the browser sends the form."""
    sources = {"source": create_source().pk if row["sources"] else ""}
    if kind == "indications":
        needs = {
            f"requirements-{n}-{name}": value
            for n, need in enumerate(row["biomarkers"])
            for name, value in (need | {"biomarker": biomarker(need).pk}).items()
        }
        members = {
            f"members-{n}-{name}": value
            for n, member in enumerate(row["regimen"])
            for name, value in (member_named(member) | {"position": n}).items()
        }
        apart = {"sources", "regimen", "biomarkers", "condition", "population", "note", "approved_on"}
        return sources | {
            **{name: "" if value is None else value for name, value in row.items() if name not in apart},
            "cancer": CancerType.objects.get(slug="melanoma").pk,
            "granted_on": row["approved_on"] or "",
            **management("members", len(row["regimen"])),
            **members,
            **management("texts", 1),
            **{f"texts-0-{name}": row[name] for name in ("condition", "population", "note")},
            "texts-0-language": "en",
            **management("requirements", len(row["biomarkers"])),
            **needs,
        }
    if kind == "occurrences":
        figures = ("counts", "how_common", "percent_any", "percent_severe", "people")
        return sources | {
            **{name: row[name] for name in figures},
            "given_with": "\n".join(row["given_with"]),
            "drug": Drug.objects.get(slug="avelumab").pk,
            "side_effect": SideEffect.objects.get(slug=row["side_effect"]).pk,
            **management("texts", 1),
            "texts-0-language": "en",
            "texts-0-context": row["context"],
        }
    words = {name: value for name, value in row.items() if name not in ("text", "sources")}
    if kind == "updates":
        words["about"] = "\n".join(row["about"])
    return sources | words | {"slug": slug_of(row), "language": "en", TEXTS[kind]: row["text"]}


def management(prefix: str, number: int) -> dict[str, object]:
    return {f"{prefix}-TOTAL_FORMS": number, f"{prefix}-INITIAL_FORMS": 0}


def member_named(name: str) -> dict[str, object]:
    """As the form has one of a regimen."""
    known = Drug.objects.filter(slug=name).first()
    return {"drug": known.pk if known else "", "words": "" if known else name}


def biomarker(need: Row) -> Biomarker:
    return Biomarker.objects.get(slug=need["biomarker"])


# The columns of a row that are called in the table as in a file.
STORED = {field.name for field in Indication._meta.concrete_fields} - {"approved_on"}


def draft_of(kind: str, row: Row) -> Fact:
    """The row in the database, as far as the database takes it."""
    source = create_source()
    if kind == "indications":
        fact = Indication.objects.create(
            cancer=CancerType.objects.get(slug="melanoma"),
            granted_on=row["approved_on"],
            source=source,
            **{name: value for name, value in row.items() if name in STORED},
        )
        for position, name in enumerate(row["regimen"]):
            known = Drug.objects.filter(slug=name).first()
            words_of_it = "" if known else name
            RegimenMember.objects.create(indication=fact, position=position, drug=known, words=words_of_it)
        words = {name: row[name] for name in ("condition", "population", "note")}
        IndicationText.objects.create(indication=fact, **words)
        for need in row["biomarkers"]:
            BiomarkerRequirement.objects.create(indication=fact, **need | {"biomarker": biomarker(need)})
        return fact
    if kind == "occurrences":
        figures = ("counts", "given_with", "how_common", "percent_any", "percent_severe", "people")
        fact = SideEffectOccurrence.objects.create(
            drug=Drug.objects.get(slug="avelumab"),
            side_effect=SideEffect.objects.get(slug=row["side_effect"]),
            source=source,
            **{name: row[name] for name in figures},
        )
        OccurrenceText.objects.create(occurrence=fact, context=row["context"])
        return fact
    words = {name: value for name, value in row.items() if name not in ("text", "sources", "slug")}
    return MODELS[kind].objects.create(
        slug=slug_of(row), source=source, **words, **{TEXTS[kind]: row["text"]}
    )


# --- The rules


# The database itself refuses these, whoever saves them; or the row of a file cannot be so.
NOT_STORED = (
    "A percentage",
    "Severe cases",
    "A use is withdrawn",
    "A biomarker stands",
    "Cite a source in the answer",
)


@pytest.mark.parametrize(("kind", "wrong", "beside", "sentence"), CASES, ids=[case[3][:40] for case in CASES])
def test_every_door_says_the_same(tmp_path, client, editor, kind, wrong, beside, sentence):
    row = GOOD[kind] | wrong
    in_file = what_a_file_hears(kind, [beside, row] if beside else [row], tmp_path)
    name = OWNERS.get(kind) or f"{slug_of(row)}.md"
    line, message = next(
        (said.split(" ", 1) for said in in_file.split("\n") if sentence in said), ("", in_file)
    )
    assert message.startswith(sentence)
    assert line.startswith(f"{kind}/{name}:")
    assert int(line.rpartition(":")[2]) > 0
    if beside:
        facts.approve_fact(draft_of(kind, beside), by=editor, now=TODAY)
    client.force_login(editor)
    assert sentence in plain(what_the_form_says(kind, row, client))
    if not sentence.startswith(NOT_STORED):
        assert sentence in what_approval_says(draft_of(kind, row), editor)


def plain(page: str) -> str:
    return page.replace("&#x27;", "'").replace("&lt;", "<")


@pytest.mark.parametrize("kind", GOOD)
def test_every_door_lets_a_good_row_through(tmp_path, client, editor, kind):
    row = GOOD[kind]
    assert what_a_file_hears(kind, [row], tmp_path) == ""
    client.force_login(editor)
    model = MODELS[kind]
    answer = client.post(f"/admin/content/{model._meta.model_name}/add/", typed(kind, row))
    assert answer.status_code == 302
    saved = model.objects.latest("pk")
    facts.approve_fact(saved, by=editor, now=TODAY)
    assert saved.state == "approved"


@pytest.mark.parametrize("kind", TEXTS)
def test_slug_of_words_has_the_form_that_files_want(client, editor, kind):
    row = GOOD[kind] | {"slug": "2026-02-10-Test_news"}
    client.force_login(editor)
    sentence = "A slug is small letters, digits and single hyphens."
    assert sentence in what_the_form_says(kind, row, client)
    assert sentence in what_approval_says(draft_of(kind, row), editor)


@pytest.mark.parametrize("kind", TEXTS)
def test_slug_that_is_public_already_is_refused(client, editor, kind):
    facts.approve_fact(draft_of(kind, GOOD[kind]), by=editor, now=TODAY)
    client.force_login(editor)
    assert "already" in what_the_form_says(kind, GOOD[kind], client)
    assert "already" in what_approval_says(draft_of(kind, GOOD[kind]), editor)


def test_time_of_day_in_a_file_is_no_day(tmp_path):
    row = NEWS | {"happened_on": datetime.datetime(2026, 2, 10, 12), "slug": "2026-02-10-test"}
    assert "happened_on: write a date as 2026-11-22" in what_a_file_hears("updates", [row], tmp_path)


@pytest.mark.parametrize("kind", GOOD)
def test_change_of_an_approved_row_does_not_repeat_it(editor, kind):
    old = draft_of(kind, GOOD[kind])
    facts.approve_fact(old, by=editor, now=TODAY)
    draft = old.propose(by=editor)
    facts.approve_fact(draft, by=editor, now=TODAY)
    assert draft.state == "approved"


def test_form_puts_the_error_at_its_field_and_loses_nothing(client, editor):
    row = USE | {
        "condition": "A miracle for melanoma",
        "approved_on": TOMORROW,
        "population": "Adults, typed",
    }
    client.force_login(editor)
    answer = client.post("/admin/content/indication/add/", typed("indications", row))
    form = answer.context["adminform"].form
    assert form.errors == {"granted_on": [f"{TOMORROW} lies in the future."]}
    _members, texts, _needs = (inline.formset for inline in answer.context["inline_admin_formsets"])
    assert texts.forms[0].errors == {"condition": ["Take out 'miracle': say what is known instead."]}
    page = plain(answer.content.decode())
    assert 'value="Adults, typed"' in page
    # The summary on top leads to both.
    assert '<a href="#id_granted_on">' in page
    assert '<a href="#id_texts-0-condition">' in page


def test_words_in_another_language_are_held_to_the_rules_at_their_field(client, editor):
    row = typed("indications", USE) | management("texts", 2)
    row |= {
        "texts-1-language": "he",
        "texts-1-condition": "<b>x</b>",
        "texts-1-population": "",
        "texts-1-note": "",
    }
    client.force_login(editor)
    answer = client.post("/admin/content/indication/add/", row)
    texts = answer.context["inline_admin_formsets"][1].formset
    assert texts.forms[0].errors == {}
    assert texts.forms[1].errors["condition"] == [NO_HTML]


def test_state_of_a_disease_is_no_promise(editor):
    condition = "Leukemia in first or second complete remission that cannot be cured with surgery"
    fact = draft_of("indications", USE | {"condition": condition})
    facts.approve_fact(fact, by=editor, now=TODAY)
    assert fact.state == "approved"
