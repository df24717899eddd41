"""The library's files: read, checked, written back; first the good, then each thing that can be wrong."""

import datetime
import io
import shutil
from pathlib import Path, PurePosixPath

import pytest
from django.core.management import call_command

from content.models import EntryContent, content_models
from content.stock import files, regimens
from content.stock.format import LibraryFile, format_file, headings, heads, parse
from content.stock.library import Library
from tests.stocks import SMALL

TODAY = datetime.date(2026, 11, 22)

DRUG = """\
+++
name = "Pembrolizumab"
other_names = ["lambrolizumab"]
summary = "A medicine that helps your immune system see the cancer."
written_by = "Editorial team"
checked_on = 2026-11-22
next_check_due = 2027-05-22
change_note = "First version."
brand_names = ["Keytruda"]
kind = "immunotherapy"
form = "full"
therapy_class = "pd-1-inhibitors"
route = "Drip into a vein (IV)"
leaflets = ["fda-keytruda-label"]

[act]
emergency = ["New trouble breathing [@fda-keytruda-label]"]
same_day = []
next_visit = []
+++

## Key message

Call your team if you feel ill.

## What kind of medicine it is

It blocks PD-1 [@fda-keytruda-label].

## How it is given

You get a drip [@fda-keytruda-label].

## How often and for how long

You have it every 3 weeks [@fda-keytruda-label].

## Before you start

Say if you are pregnant [@fda-keytruda-label].

## Side effects

- [Fever](side-effect:fever) [@fda-keytruda-label]

## Daily life

Ask about travel [@fda-keytruda-label].

## Vaccines

Have the flu shot [@fda-keytruda-label].

## Pregnancy

It can harm an unborn baby [@fda-keytruda-label].

## Breastfeeding

Do not breastfeed [@fda-keytruda-label].

## Driving

It can make you tired [@fda-keytruda-label].

## What is not known

Nobody knows how long to treat [@fda-keytruda-label].

## Questions to ask

- Whom do I call?
"""

SOURCE = """\
title = "Keytruda (pembrolizumab) prescribing information"
publisher = "US Food and Drug Administration"
url = "https://www.fda.gov/keytruda.pdf"
kind = "label"
published_on = 2026-02-10
checked_on = 2026-11-22
"""

INDICATION = """\
[[indication]]
key = "fda-melanoma-advanced"
regimen = ["pembrolizumab", "ipilimumab"]
setting = "advanced"
lines = ["any"]
condition = "Melanoma that has spread"
biomarkers = [{ biomarker = "pd-l1", scale = "TPS", at_least = 50, level = "TPS 50% or more" }]
regulator = "FDA"
approval = "regular"
approved_on = 2014-09-04
approved_source = "fda-keytruda-label"
sources = ["fda-keytruda-label"]
"""

OCCURRENCE = """\
treatment = "drug:pembrolizumab"

[[occurrence]]
side_effect = "lung-inflammation"
how_common = "common"
percent_any = 3.4
percent_severe = 1.3
people = 2799
context = "Given alone"
sources = ["fda-keytruda-label"]
"""

GLOSSARY = """\
+++
term = "biopsy"
other_forms = ["biopsies"]
sources = ["fda-keytruda-label"]
+++

A small sample of the tumor, taken to look at under a microscope.
"""

UPDATE = """\
+++
title = "A new use"
happened_on = 2026-02-10
kind = "approval"
about = ["drug:pembrolizumab"]
sources = ["fda-keytruda-label"]
+++

The FDA added a use [@fda-keytruda-label].
"""

QUESTION = """\
+++
question = "Can I travel?"
topic = "daily-life"
sources = ["fda-keytruda-label"]
+++

Ask your team first [@fda-keytruda-label].
"""

PAGE = """\
+++
title = "What is immunotherapy"
in_menu = true
order = 2
summary = "How it works, and when it is used."
+++

{{ block cancer_grid }}

Your immune system fights illness.

{{ block question_list topic="basics" }}
"""

GOOD = {
    "drugs/pembrolizumab.md": DRUG,
    "sources/fda-keytruda-label.toml": SOURCE,
    "indications/melanoma.toml": INDICATION,
    "occurrences/pembrolizumab.toml": OCCURRENCE,
    "glossary/biopsy.md": GLOSSARY,
    "updates/2026-02-10-a-new-use.md": UPDATE,
    "questions/travel.md": QUESTION,
    "pages/what-is-immunotherapy.md": PAGE,
    "site_profile.toml": 'who_pays = "Nobody yet."\nreply_working_days = 1\n',
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small library in which all is well."""
    shutil.copy(SMALL / "slugs.toml", tmp_path)
    for path, text in GOOD.items():
        write(tmp_path, path, text)
    return tmp_path


def write(folder: Path, path: str, text: str | bytes) -> None:
    (folder / path).parent.mkdir(exist_ok=True)
    (folder / path).write_bytes(text if isinstance(text, bytes) else text.encode())


def change(folder: Path, path: str, old: str, new: str) -> None:
    assert old in GOOD[path]
    write(folder, path, GOOD[path].replace(old, new))


def found(folder: Path, level: str = "block") -> list[str]:
    library = files.read(folder)
    return [
        f"{finding.where}:{finding.line} {finding.message}"
        for finding in files.findings(library, today=TODAY)
        if finding.level == level
    ]


def test_good_library_passes(folder: Path):
    assert found(folder) == []
    library = files.read(folder)
    (drug,) = library.folder("drugs")
    assert drug.head["checked_on"] == TODAY
    assert drug.sections["key_message"] == "Call your team if you feel ill."
    assert list(drug.sections) == list(headings("drugs"))
    assert library.sources == {"fda-keytruda-label"}


@pytest.mark.parametrize("path", GOOD)
def test_written_back_byte_for_byte(path: str):
    file, broken = parse(PurePosixPath(path), GOOD[path].encode())
    assert broken == []
    assert format_file(file) == GOOD[path]


def test_library_of_the_tests_holds_all_rules():
    """Else its import would be refused, and no test could begin."""
    library = files.read(SMALL)
    assert [finding for finding in files.findings(library) if finding.level == "block"] == []
    assert {file.folder for file in library.files} == set(heads())


def test_masked_names(folder: Path):
    names = files.read(folder).names
    assert {"Keytruda", "lambrolizumab", "Stomach cancer", "PD-1 inhibitor", "Fever"} <= names
    assert "PD-L1" not in names


@pytest.mark.parametrize("model", content_models().values())
def test_head_and_sections_are_the_models_columns(model: type[EntryContent]):
    folder = model.grouper().folder
    columns = {column.name for column in model._meta.concrete_fields} - {"id", "entry", "language"}
    fields = {
        f"act_{inner.name}" if field.name == "act" else inner.name
        for field in heads()[folder]
        for inner in (field.fields or (field,))
    }
    assert fields | set(headings(folder)) == columns


@pytest.mark.parametrize(
    ("folder_name", "old", "new", "expected"),
    [
        ("drugs", 'route = "Drip', 'rout = "Drip', ":13 There is no field 'rout' here. Do you mean 'route'?"),
        ("drugs", 'route = "Drip into a vein (IV)"\n', "", "Fill in the field 'route'."),
        (
            "drugs",
            'kind = "immunotherapy"',
            'kind = "wonder"',
            ":10 kind: 'wonder' is not one of: immunotherapy, related, partner.",
        ),
        ("drugs", "checked_on = 2026-11-22", 'checked_on = "2026-11-22"', ":6 checked_on: write a date"),
        ("drugs", "checked_on = 2026-11-22", "checked_on = 2026-02-30", ":6 This is not TOML: Invalid date"),
        ("drugs", 'name = "Pembrolizumab"', "name = Pembrolizumab", ":2 This is not TOML"),
        ("drugs", '["Keytruda"]', '"Keytruda"', ":9 brand_names: write a list of texts"),
        ("drugs", '["Keytruda"]', '["Keytruda", "Keytruda"]', ":9 brand_names: an item stands there twice"),
        ("drugs", '"pd-1-inhibitors"', '"pd-9-inhibitors"', ":12 There is no therapy 'pd-9-inhibitors'"),
        ("drugs", '["fda-keytruda-label"]', '["fda-made-up"]', ":14 There is no source 'fda-made-up'"),
        (
            "drugs",
            "emergency =",
            "emergencies =",
            ":17 There is no field 'emergencies' here. Do you mean 'emergency'?",
        ),
        ("drugs", "breathing [@fda-keytruda-label]", "breathing", ":17 Cite a source for this sign"),
        ("drugs", "## Daily life", "## Daily lives", ':46 There is no section "Daily lives" here.'),
        ("drugs", "## Daily life", "## Side effects", ':46 The section "Side effects" stands here twice.'),
        (
            "drugs",
            "## Daily life\n\nAsk about travel [@fda-keytruda-label].\n\n",
            "",
            'Write the section "Daily life"',
        ),
        ("drugs", "Ask about travel [@fda-keytruda-label].", "", 'Write the section "Daily life"'),
        ("drugs", "Call your team", "You can take 30 minutes", ":24 Cite the source of '30 minutes'"),
        ("drugs", "\n## Key message", "Words.\n\n## Key message", ":21 Begin the prose with a heading"),
        ("drugs", "+++\nname", "name", ":1 Begin the file with a head"),
        ("drugs", "is given\n\n", "is given\n", ":31 Not in canonical form: 'You get a drip"),
        ("drugs", "ill.\n", "ill. \n", ":24 Not in canonical form"),
        ("drugs", '["lambrolizumab"]', "[]", ":3 Not in canonical form"),
        ("sources", "https://www", "www", ":3 url: write a full address"),
        ("sources", "2026-02-10", "2026-12-10", ":5 A source cannot have been checked before"),
        (
            "sources",
            "checked_on = 2026-11-22",
            "checked_on = 2026-11-23",
            ":6 checked_on 2026-11-23 lies in the future.",
        ),
        ("indications", "fda-melanoma-advanced", "FDA melanoma", ":2 A key is a slug"),
        ("indications", '["any"]', '["some"]', ":5 lines: 'some' is not one of: first, second, later, any."),
        ("indications", '"pd-l1"', '"pd-l9"', ":7 There is no biomarker 'pd-l9'"),
        ("indications", ', level = "TPS 50% or more"', "", ":7 Fill in the field 'level'."),
        (
            "indications",
            'approved_source = "fda-keytruda-label"',
            'approved_source = "fda-keytruda-label"\nwithdrawn_on = 2013-01-01',
            ":12 A use is withdrawn after it was approved.",
        ),
        ("indications", '["fda-keytruda-label"]', "[]", ":12 Fill in the field 'sources'."),
        (
            "indications",
            INDICATION,
            f"{INDICATION}\n{INDICATION}",
            ":15 The key 'fda-melanoma-advanced' names another use",
        ),
        (
            "indications",
            INDICATION,
            f"{INDICATION}\n{INDICATION.replace('-advanced', '-2')}",
            ":15 The same use as 'fda-melanoma-advanced'",
        ),
        ("occurrences", "drug:pembrolizumab", "drug:nivolumab", ":1 The file is named after its treatment"),
        ("occurrences", "drug:pembrolizumab", "pembrolizumab", ":1 'pembrolizumab': write the kind first"),
        (
            "occurrences",
            "percent_severe = 1.3",
            "percent_severe = 4",
            ":7 Severe cases are part of all cases",
        ),
        ("occurrences", "percent_any = 3.4", "percent_any = 13", ":5 13 percent is 'very-common'"),
        ("occurrences", "percent_any = 3.4", "percent_any = 340", ":6 A percentage lies between 0 and 100."),
        ("occurrences", "people = 2799", 'people = "2,799"', ":8 people: write a whole number"),
        ("glossary", "A small", "One. Two. Three. A small", ":7 Explain the term in one or two sentences"),
        ("updates", "2026-02-10", "2026-02-11", ":1 Begin its slug (a file: its name) with"),
        ("updates", "drug:pembrolizumab", "drug:made-up", ":5 There is no drug 'made-up'"),
        ("questions", "daily-life", "fun", ":3 topic: 'fun' is not one of"),
        ("questions", "first [@fda-keytruda-label]", "first [@made-up]", ":7 There is no source 'made-up'"),
        ("pages", "{{ block cancer_grid }}", "{{ cancer_grid }}", ":8 Write a block as"),
        ("pages", "in_menu = true", 'in_menu = "yes"', ":3 in_menu: write true or false."),
        ("pages", "in_menu = true", 'parent = "made-up"', ":3 There is no page 'made-up'"),
        (
            "site_profile",
            "who_pays",
            "who_pay",
            ":1 There is no field 'who_pay' here. Do you mean 'who_pays'?",
        ),
    ],
)
def test_what_is_wrong_is_found(folder: Path, folder_name: str, old: str, new: str, expected: str):
    path = next(path for path in GOOD if path.startswith(folder_name))
    change(folder, path, old, new)
    assert any(expected in finding and finding.startswith(path) for finding in found(folder)), found(folder)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("drugs/Pembrolizumab.md", "A file name is a slug"),
        ("drugs/made-up.md", "There is no drug 'made-up' in slugs.toml."),
        ("drugs/pembrolizumab.toml", "A file in drugs ends in .md."),
        ("drugs/pembrolizumab.xx.md", "A translation is named pembrolizumab.<language>.md"),
        ("drugs/nivolumab.he.md", "A translation needs the English file"),
        ("things/pembrolizumab.md", "There is no folder 'things' in the library."),
    ],
)
def test_file_in_the_wrong_place(folder: Path, path: str, expected: str):
    write(folder, path, DRUG)
    assert any(finding.startswith(path) and expected in finding for finding in found(folder)), found(folder)


def test_translation_is_read(folder: Path):
    write(folder, "drugs/pembrolizumab.he.md", DRUG)
    assert found(folder) == []
    assert {file.language for file in files.read(folder).folder("drugs")} == {"en", "he"}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"+++\n\n\xff\n", ":3 This is not UTF-8."),
        ("\ufeff" + DRUG, "without a byte order mark"),
        (DRUG.replace("\n", "\r\n"), ":1 Not in canonical form"),
    ],
)
def test_wrong_encoding(folder: Path, data: str | bytes, expected: str):
    write(folder, "drugs/pembrolizumab.md", data)
    assert any(expected in finding for finding in found(folder)), found(folder)


def test_all_errors_are_reported_at_once(folder: Path):
    change(folder, "drugs/pembrolizumab.md", 'name = "Pembrolizumab"', "name = Pembrolizumab")
    change(folder, "questions/travel.md", "daily-life", "fun")
    change(folder, "sources/fda-keytruda-label.toml", '"label"', '"lable"')
    paths = {finding.split(":")[0] for finding in found(folder)}
    assert paths == {"drugs/pembrolizumab.md", "questions/travel.md", "sources/fda-keytruda-label.toml"}


def test_key_of_a_use_is_of_the_whole_library(folder: Path):
    other = INDICATION.replace("Melanoma", "Lymphoma")
    write(folder, "indications/lymphoma.toml", other)
    sentence = "The key 'fda-melanoma-advanced' stands already in {}"
    assert [finding for finding in found(folder) if "'fda-melanoma-advanced'" in finding] == [
        f"indications/lymphoma.toml:2 {sentence.format('melanoma.toml.')}",
        f"indications/melanoma.toml:2 {sentence.format('lymphoma.toml.')}",
    ]


def test_source_nobody_cites_is_a_warning(folder: Path):
    write(folder, "sources/nci-unused.toml", SOURCE.replace("keytruda.pdf", "other"))
    assert found(folder) == []
    assert found(folder, "warn") == ["sources/nci-unused.toml:0 No text and no fact cites this source."]


def test_address_listed_twice_is_a_warning(folder: Path):
    write(folder, "sources/fda-keytruda-label-2.toml", SOURCE)
    assert (
        "sources/fda-keytruda-label.toml:3 The same address as fda-keytruda-label-2: keep one of them."
        in found(folder, "warn")
    )


def test_address_listed_with_texts_of_two_ages_is_no_warning(folder: Path):
    older = SOURCE.replace("checked_on", 'text_of = "2018-05"\nchecked_on')
    write(folder, "sources/fda-keytruda-label-2018.toml", older)
    assert not [finding for finding in found(folder, "warn") if "same address" in finding]


def test_sections_out_of_order(folder: Path):
    first, rest = DRUG.split("## What kind")
    what, rest = rest.split("## How it is given")
    write(
        folder,
        "drugs/pembrolizumab.md",
        f"{first}## How it is given\n\nA drip [@fda-keytruda-label].\n\n## What kind{what}##{rest.split('##', 1)[1]}",
    )
    assert any(
        'Put the section "What kind of medicine it is" in its order' in finding for finding in found(folder)
    )


def test_canonical_form_of_figures_and_lists():
    file = LibraryFile(PurePosixPath("occurrences/x.toml"), "")
    file.head = {
        "occurrence": [{"percent_any": 20.0, "sources": ["a" * 60, "b" * 60]}],
        "treatment": "drug:x",
    }
    assert format_file(file) == (
        'treatment = "drug:x"\n\n[[occurrence]]\npercent_any = 20\n'
        f'sources = [\n    "{"a" * 60}",\n    "{"b" * 60}",\n]\n'
    )


# The command ----------------------------------------------------------------------------------------------


def run(folder: Path, *args: str) -> tuple[int, str]:
    out = io.StringIO()
    code = 0
    try:
        call_command("check_library", *args, library=folder, stdout=out)
    except SystemExit as end:
        code = end.code
    return code, out.getvalue()


def test_command_passes_a_good_library(folder: Path):
    code, out = run(folder)
    assert code == 0
    assert out.endswith("9 files, 0 block, 0 warn\n")
    assert run(folder, "--quiet") == (0, "")


def test_command_tells_the_library_in_figures(folder: Path):
    out = run(folder, "--quiet", "--figures")[1]
    assert "drugs: 1 pages (1 full)\n" in out
    assert "uses, FDA: 1 current, 0 ended, 0 without a day\n" in out
    assert "citations of a label: " in out
    assert "(100 %)" in out
    assert "reading, drugs: grade " in out


def test_command_names_medicines_of_a_cancer_that_stand_in_prose_or_table_alone():
    drugs = {
        "pembrolizumab": '"Pembrolizumab"\nbrand_names = ["Keytruda"]',
        "trastuzumab": '"Trastuzumab"',
        "trastuzumab-deruxtecan": '"Trastuzumab deruxtecan"',
        "gemtuzumab": '"Gemtuzumab"\nother_names = ["GO"]',
        "tisagenlecleucel": '"Tisagenlecleucel"\nother_names = ["CAR-T"]',
        "axicabtagene": '"Axicabtagene"\nother_names = ["CAR-T"]',
    }
    texts = {
        f"drugs/{slug}.md": f"+++\nname = {head}\n+++\n\n## Key message\n\nAsk.\n"
        for slug, head in drugs.items()
    }
    texts["cancers/sarcoma.md"] = (
        "+++\n+++\n\n## How immunotherapy is used here\n\n"
        "KEYTRUDA, CAR-T or trastuzumab deruxtecan [@gemtuzumab], so go and ask.\n"
    )
    texts["indications/sarcoma.toml"] = (
        '[[indication]]\nregimen = ["pembrolizumab", "chemotherapy"]\nwithdrawn_on = 2021-01-01\n\n'
        '[[indication]]\nregimen = ["trastuzumab"]\n'
    )
    library = Library([parse(PurePosixPath(path), text.encode())[0] for path, text in texts.items()])
    assert list(regimens.lines(library)) == [
        "sarcoma: named, but in no use: trastuzumab-deruxtecan",
        "sarcoma: in a current use, but not named: trastuzumab",
    ]


def test_command_fails_on_a_block(folder: Path):
    change(folder, "questions/travel.md", "daily-life", "fun")
    code, out = run(folder, "--quiet")
    assert code == 1
    assert out.startswith("questions/travel.md:3: block form: topic: 'fun' is not one of")


def test_command_reports_on_the_paths_named(folder: Path):
    change(folder, "questions/travel.md", "daily-life", "fun")
    assert run(folder, "drugs")[0] == 0
    assert run(folder, "questions/travel.md")[0] == 1
    assert run(folder, str(folder / "questions"))[0] == 1


def test_command_fixes_the_form(folder: Path):
    change(folder, "drugs/pembrolizumab.md", '["lambrolizumab"]', '[ "lambrolizumab" , ]')
    assert run(folder, "--quiet")[0] == 1
    assert run(folder, "--fix")[0] == 0
    assert (folder / "drugs/pembrolizumab.md").read_text() == DRUG
