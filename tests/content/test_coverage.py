"""A list of approved uses says which texts it was made from, how old they are and what is missing, by name."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError
from django.db import IntegrityError, transaction
from django.test import Client

from content.models import Coverage, Drug, Indication, Sign, Source
from content.review import signing
from content.stock import files
from immuno_site import page_cache
from tests.content.changed_library import change, run
from tests.factories import (
    TODAY,
    create_draft,
    create_drug,
    create_indication,
    create_page,
    create_source,
)
from tests.staff import create_staff
from tests.stories import create_story, join, place, publish

pytestmark = pytest.mark.django_db

FILE = "coverage/pembrolizumab.toml"
WHOLE = 'uses = 35\ngaps = ["kidney-cancer: axitinib"]'
FRAME = re.compile(r'<div class="coverage">.*?</div>', re.DOTALL)


def said_on(path: str) -> str:
    """The words above the table of uses, as they are now."""
    page_cache.generation.start_new()
    found = FRAME.search(Client().get(path).content.decode())
    assert found
    return " ".join(re.sub(r'<a class="cite".*?</a>', "", found[0]).replace("<", " <").split()).replace(
        " :", ":"
    )


def words_on(path: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", said_on(path)).split())


def read_source(key: str, text_of: str = "", day: datetime.date | None = None) -> Source:
    source = create_source(key=key)
    Source.objects.filter(pk=source.pk).update(text_of=text_of, text_of_on=day)
    return Source.objects.get(pk=source.pk)


def cover(drug: Drug, regulator: str = "FDA", **said: object) -> Coverage:
    return Coverage.objects.create(drug=drug, regulator=regulator, **said)


def findings(folder: Path, level: str = "block") -> list[str]:
    found = files.findings(files.read(folder), today=TODAY + datetime.timedelta(days=7))
    return [f"{one.where}:{one.line}: {one.message}" for one in found if one.level == level]


# --- In files


@pytest.mark.parametrize(
    ("new", "line", "expected"),
    [
        (
            'complete = true\ngaps = ["kidney-cancer: axitinib"]',
            11,
            "a use is known to be missing (kidney-cancer: axitinib)",
        ),
        ("uses = 35\ncomplete = true", 12, "the text has 35 uses, 3 are entered"),
        ('gaps = ["kidny-cancer"]', 11, "begin a known gap with the slug of a cancer"),
    ],
)
def test_complete_beside_a_known_gap_is_refused(folder, new, line, expected):
    change(folder, FILE, WHOLE, new)
    (finding,) = findings(folder)
    assert finding.startswith(f"{FILE}:{line}: ")
    assert expected in finding


def test_complete_is_refused_while_a_newer_revision_is_known(folder):
    newest = 'newest = "2026-06"\nnewest_on = 2026-06-01\nnewest_from = "biospace-2025-keytruda-sc-eu"\n'
    change(folder, FILE, WHOLE, f"{newest}complete = true")
    (finding,) = findings(folder)
    assert "the newest known revision (2026-06) is younger than the text that was read" in finding


def test_complete_is_refused_for_a_text_without_age(folder):
    newest = 'newest = "2026-07"\nnewest_on = 2026-07-01\nnewest_from = "fda-keytruda-label-changes"'
    change(folder, FILE, newest, "complete = true")
    assert any("nobody knows how old the text is" in finding for finding in findings(folder))


def test_complete_passes_once_every_use_is_entered(folder):
    change(folder, FILE, WHOLE, "uses = 3\ncomplete = true")
    assert findings(folder) == []


def test_newest_revision_names_where_it_is_known_from(folder):
    change(folder, FILE, 'newest_from = "fda-keytruda-label-changes"\n', "")
    (finding,) = findings(folder)
    assert finding.endswith("Say where the newest known revision is known from.")


def test_regulators_stand_in_their_order(folder):
    change(folder, FILE, '"IL-MOH"', '"FDA"')
    (finding,) = findings(folder)
    assert "in this order: FDA, EMA, IL-MOH" in finding


def test_figures_of_an_old_label_are_a_warning_that_names_the_files(folder):
    (finding,) = (one for one in findings(folder, "warn") if "newest known revision" in one)
    assert finding.startswith(
        f"{FILE}:4: fda-keytruda-label is an undated copy, the newest known revision is 2026-07."
    )
    assert "drugs/pembrolizumab.md" in finding


def test_source_says_its_age_in_words_and_as_a_day(folder):
    name = "sources/fda-keytruda-label.toml"
    change(folder, name, "checked_on", "text_of_on = 2026-12-01\nchecked_on")
    found = findings(folder)
    assert any("as text_of" in finding for finding in found)
    assert any("younger than the day it was read" in finding for finding in found)


@pytest.mark.longest
def test_wrong_coverage_writes_nothing(folder, capsys):
    change(folder, FILE, WHOLE, "uses = 35\ncomplete = true")
    with pytest.raises((CommandError, SystemExit)):
        run(folder, capsys)
    assert not Coverage.objects.filter(complete=True).exists()


@pytest.mark.longest
def test_coverage_that_was_true_is_held_against_the_uses_of_today(folder, capsys):
    change(folder, FILE, WHOLE, "uses = 3\ncomplete = true")
    run(folder, capsys)
    uses = Indication.objects.approved().filter(members__drug__slug="pembrolizumab", regulator="EMA")
    before = list(uses.order_by("pk").values_list("pk", flat=True))
    assert len(before) == 3
    file = folder / "indications/melanoma.toml"
    above, key, use = file.read_text(encoding="utf-8").partition('key = "ema-melanoma-adjuvant"')
    assert use.startswith('\nregimen = ["pembrolizumab"]')
    file.write_text(above + key + use.replace('"EMA"', '"IL-MOH"', 1), encoding="utf-8")
    assert any("the text has 3 uses, 2 are entered" in finding for finding in findings(folder))
    with pytest.raises((CommandError, SystemExit)):
        run(folder, capsys)
    assert list(uses.order_by("pk").values_list("pk", flat=True)) == before


@pytest.mark.longest
def test_coverage_edited_by_a_person_is_kept(folder, capsys):
    Coverage.objects.filter(drug__slug="pembrolizumab", regulator="EMA").update(uses=36)
    change(folder, FILE, "uses = 35", "uses = 34")
    assert "1 kept" in run(folder, capsys)
    assert Coverage.objects.get(drug__slug="pembrolizumab", regulator="EMA").uses == 36


# --- On pages


@pytest.mark.usefixtures("library")
def test_page_of_a_cancer_says_what_was_read_and_what_was_not():
    said = words_on("/cancers/melanoma/")
    assert "United States: copies without a date, read 22 November 2026." in said
    assert "Pembrolizumab, July 2026." in said
    assert "European Union: text of 27 October 2025: Pembrolizumab." in said
    assert "Not read yet: Nivolumab" in said
    assert "Israel: nobody has read the register yet." in said
    assert "do not mean “not approved”" in said


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(("key", "is_cited"), [("notice", True), ("other", False)])
def test_newer_text_whose_notice_the_table_cites_is_not_called_unread_alone(key, is_cited):
    notice = create_source(key="notice")
    create_indication(drug=create_drug(slug="pembrolizumab"), key="of-the-notice", source=notice)
    Coverage.objects.filter(drug__slug="pembrolizumab", regulator="EMA").update(
        newest="2026-06", newest_on=datetime.date(2026, 6, 1), newest_from=create_source(key=key)
    )
    said = words_on("/cancers/melanoma/")
    assert "Newer, and not read yet: Pembrolizumab, June 2026" in said
    assert ("only a notice of it, and its use is in this list" in said) == is_cited


@pytest.mark.usefixtures("library")
def test_many_texts_are_counted_and_named_behind_a_tap():
    text = Coverage.objects.get(drug__slug="pembrolizumab", regulator="EMA").text
    for slug in ("avelumab", "cemiplimab", "dostarlimab"):
        drug = create_drug(slug=slug)
        create_indication(drug=drug, key=f"ema-melanoma-{slug}")
        cover(drug, "EMA", text=text)
    said = words_on("/cancers/melanoma/")
    shown, tap, behind_it = said.rpartition("Which texts, and how old")
    assert "European Union: texts of 4 medicines." in shown
    assert "Not read yet: Nivolumab" in shown
    assert "cemiplimab" not in shown.rpartition("European Union")[2]
    assert tap
    assert "text of 27 October 2025: Avelumab, cemiplimab, dostarlimab, Pembrolizumab." in behind_it


@pytest.mark.usefixtures("library")
def test_frame_stands_above_the_table_and_cites_the_texts():
    html = Client().get("/cancers/melanoma/").content.decode()
    assert html.index('class="coverage"') < html.index('class="uses"')
    assert 'class="cite"' in FRAME.search(html)[0]


@pytest.mark.usefixtures("library")
def test_medicine_known_for_this_cancer_but_not_entered_is_named():
    assert "Not in this list yet" not in words_on("/cancers/melanoma/")
    cover(create_drug(slug="avelumab"), gaps=["melanoma"])
    assert "Not in this list yet: Avelumab." in words_on("/cancers/melanoma/")


@pytest.mark.usefixtures("library")
def test_medicine_that_the_prose_names_but_the_list_lacks_is_named(folder, capsys):
    heading = "## Other options\n\n"
    link = "Also [avelumab](drug:avelumab) [@fda-keytruda-label].\n\n"
    change(folder, "cancers/melanoma.md", heading, heading + link)
    run(folder, capsys)
    assert "Not in this list yet: Avelumab." in words_on("/cancers/melanoma/")
    create_indication(drug=Drug.objects.get(slug="avelumab"), cancer="any-solid-tumor")
    assert "Not in this list yet" not in words_on("/cancers/melanoma/")


@pytest.mark.usefixtures("library")
def test_use_known_to_be_missing_is_named_where_it_belongs():
    Coverage.objects.filter(drug__slug="pembrolizumab", regulator="EMA").update(
        gaps=["kidney-cancer: axitinib", "melanoma"]
    )
    assert "Missing here: Pembrolizumab (alone)." in words_on("/cancers/melanoma/")
    said = words_on("/drugs/pembrolizumab/")
    assert "It names 35 uses, this list has 3 of them." in said
    assert "Missing here: Kidney cancer + axitinib; Melanoma (alone)." in said


def test_complete_is_shown_only_while_it_is_true():
    drug, read = create_drug(), read_source("fda-read", "2026-08", datetime.date(2026, 8, 1))
    create_page()
    first = create_indication(drug=drug)
    create_indication(drug=drug, cancer="lymphoma", key="fda-second")
    cover(drug, text=read, uses=2, complete=True)
    assert "United States: text of August 2026. All uses in it are in this list." in words_on(
        "/drugs/testumab/"
    )
    Indication.objects.filter(pk=first.pk).retire(by=create_staff("judge"), reason="Wrong.", now=TODAY)
    said = words_on("/drugs/testumab/")
    assert "All uses" not in said
    assert "It names 2 uses, this list has 1 of them." in said


def test_table_that_editors_place_says_it_too():
    drug, read = create_drug(), read_source("fda-read", "2026-08", datetime.date(2026, 8, 1))
    create_indication(drug=drug)
    cover(drug, text=read, gaps=["melanoma: other medicine"])
    content = create_story()
    place(content, "IndicationTablePlugin", drug=drug)
    publish(content)
    assert "text of August 2026" in words_on("/story/")


def test_table_without_coverage_says_that_nobody_read_anything():
    create_page()
    create_indication(drug=create_drug())
    assert words_on("/drugs/testumab/").count("nobody has read the register yet.") == 3


def test_coverage_takes_no_review_away(reviewer, editor):
    version = create_draft(by=editor)
    seen = signing.digest(version.content)
    due = TODAY + datetime.timedelta(days=90)
    signing.sign_off(version, by=reviewer, next_review_due=due, seen=seen, now=TODAY)
    version.publish(editor)
    create_indication(drug=create_drug())
    for facts in (Indication, Sign):  # all that the page shows
        facts.objects.approved().update(review_state="reviewed", reviewer=reviewer)
    cover(create_drug(), gaps=["melanoma: axitinib"])
    html = Client().get("/drugs/testumab/").content.decode()
    assert 'class="review-line reviewed"' in html


def test_list_of_sources_tells_the_age_of_the_text():
    create_page()
    assert "Undated copy, read 22 November 2026." in Client().get("/drugs/testumab/").content.decode()
    Source.objects.update(text_of="2026-08", text_of_on=datetime.date(2026, 8, 1))
    page_cache.generation.start_new()
    html = Client().get("/drugs/testumab/").content.decode()
    assert "Text of August 2026, read 22 November 2026." in html


# --- Open data


@pytest.mark.usefixtures("library")
def test_open_data_tell_coverage_of_a_medicine_and_age_of_a_source():
    us, eu, israel = Client().get("/api/v1/drugs/pembrolizumab/").json()["coverage"]
    assert (us["text"], us["text_of"], us["newest"]) == ("fda-keytruda-label", "undated copy", "2026-07")
    assert (eu["text_of_on"], eu["uses"], eu["entered"]) == ("2025-10-27", 35, 3)
    assert (eu["complete"], eu["gaps"]) == (False, ["kidney-cancer: axitinib"])
    assert (israel["regulator"], israel["text"], israel["uses"]) == ("IL-MOH", None, None)
    assert Client().get("/api/v1/sources/ema-2025-medicines-table/").json()["text_of"] == "2025-10-27"


# --- In the admin


@pytest.fixture
def writer(client: Client) -> Client:
    client.force_login(join(create_staff("writer"), "Editor"))
    return client


def typed(row: Coverage, **changes: object) -> dict[str, object]:
    values = {
        "text": row.text_id or "",
        "newest": "",
        "newest_on": "",
        "newest_from": "",
        "uses": "",
        "gaps": "",
    }
    return values | changes


def test_editor_changes_it_in_place_and_the_log_tells_what(writer):
    row = cover(create_drug(), text=read_source("fda-read", "2026-08", datetime.date(2026, 8, 1)), uses=2)
    create_page()
    create_indication(drug=create_drug())
    writer.post(f"/admin/content/coverage/{row.pk}/change/", typed(row, uses=3))
    row.refresh_from_db()
    assert row.uses == 3
    assert LogEntry.objects.get(object_id=str(row.pk)).get_change_message() == "uses: 2 -> 3"
    assert "It names 3 uses, this list has 1 of them." in words_on("/drugs/testumab/")


def test_form_refuses_complete_beside_a_known_gap(writer):
    row = cover(create_drug(), text=read_source("fda-read", "2026-08", datetime.date(2026, 8, 1)), uses=2)
    response = writer.post(f"/admin/content/coverage/{row.pk}/change/", typed(row, uses=2, complete="on"))
    assert "the text has 2 uses, 0 are entered" in response.content.decode()
    row.refresh_from_db()
    assert not row.complete


@pytest.mark.parametrize(
    "said",
    [
        {"newest": "2026-07"},
        {"newest_on": TODAY},
        {"uses": 3},
        {"complete": True},
    ],
)
def test_database_refuses_what_says_too_little(said):
    with pytest.raises(IntegrityError), transaction.atomic():
        cover(create_drug(), **said)


def test_database_refuses_a_second_row_for_a_regulator():
    cover(create_drug())
    with pytest.raises(IntegrityError), transaction.atomic():
        cover(create_drug())


def test_database_refuses_a_text_younger_than_its_reading():
    source = create_source()
    for said in (
        {"text_of_on": TODAY},
        {"text_of": "2027", "text_of_on": TODAY + datetime.timedelta(days=1)},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Source.objects.filter(pk=source.pk).update(**said)
