"""Approved uses as readers see them: a line a regimen, a chip a regulator, a decision once."""

from __future__ import annotations

import datetime
import re

import pytest
from django.test import Client

from content.models import BiomarkerRequirement, Coverage, Indication, Source
from content.page.uses import MOST_WHOLE_ON_PAPER
from immuno_site import page_cache
from tests.factories import create_drug, create_indication, create_page, create_source
from tests.stocks import both

pytestmark = pytest.mark.django_db
LINE = re.compile(r'<details class="use">(.*?)</details>', re.DOTALL)


def section(path: str) -> str:
    page_cache.generation.start_new()
    page = Client().get(path).content.decode()
    return page[page.index('<div class="uses">') :].partition("</section>")[0]


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def lines(path: str) -> list[str]:
    return [plain(line) for line in LINE.findall(section(path))]


def line_with(words: str, path: str = "/cancers/melanoma/") -> str:
    (line,) = (line for line in lines(path) if words in line)
    return line


def ema(**changes: object) -> Indication:
    return create_indication(
        **{"key": "ema-test", "regulator": "EMA", "granted_on": None, "approved_source": ""} | changes
    )


def test_regulators_of_one_use_share_a_line():
    create_page()
    create_indication(partners=["platinum chemotherapy"])
    ema(partners=["platinum chemotherapy"])
    line = line_with("Testumab with platinum chemotherapy")
    assert "US 2020 EU" in line
    assert 'aria-label="approved, day not confirmed"' in section("/cancers/melanoma/")
    assert "Israel not read" in line
    assert line.count("Melanoma that has spread") == 1


def test_other_words_are_another_use_unless_their_name_says_it_is_one():
    create_page()
    create_indication(same_use="one-use")
    ema(same_use="one-use", condition="Advanced melanoma")
    ema(key="ema-third", condition="Melanoma of the eye")
    shared, other = (line for line in lines("/cancers/melanoma/") if line.startswith("Testumab alone"))
    shared, other = sorted((shared, other), key=len, reverse=True)
    assert "FDA (United States)" in shared
    assert "Advanced melanoma" in shared
    # Two lines of one regimen are told apart before they are opened.
    assert other.startswith("Testumab alone Melanoma of the eye US no record EU")


def test_other_words_of_one_regulator_point_at_the_line_they_stand_in():
    """A reader stops at the first line: "no record" there would say the opposite of the second."""
    create_page()
    create_indication()
    ema(condition="Melanoma not treated before", setting=Indication.Setting.FIRST_LINE)
    found = [line for line in lines("/cancers/melanoma/") if line.startswith("Testumab")]
    of_us, of_eu = sorted(found, key=lambda line: "US 2020" not in line)
    assert "EU: other wording, see another line" in of_us
    assert "US: other wording, see another line" in of_eu
    assert "Israel not read" in of_us


def test_text_from_before_a_use_says_nothing_of_it():
    """ "Not approved" is said by a text that could have told."""
    create_page()
    create_indication()
    ema(cancer="kidney-cancer")
    text, day = create_source(key="ema-table"), datetime.date(2025, 10, 27)
    Source.objects.filter(pk=text.pk).update(text_of=str(day), text_of_on=day)
    Coverage.objects.create(drug=create_drug(), regulator="EMA", text=text, uses=1, complete=True)
    assert "US 2020 EU: not approved" in line_with("Testumab alone")
    Indication.objects.filter(key="fda-test").update(granted_on=datetime.date(2025, 10, 28))
    assert "US 2025 EU no record" in line_with("Testumab alone")


def test_one_use_of_each_place_shares_a_line_that_says_both_wordings():
    create_page()
    create_indication()
    ema(condition="Melanoma that surgery cannot remove")
    (line,) = (line for line in lines("/cancers/melanoma/") if line.startswith("Testumab"))
    said = "US: Melanoma that has spread; EU: Melanoma that surgery cannot remove US 2020 EU"
    assert f"Testumab alone {said}" in line
    assert "other wording" not in line


def test_use_of_another_setting_is_no_other_wording():
    create_page()
    create_indication()
    ema(condition="Melanoma after surgery", setting=Indication.Setting.ADJUVANT)
    assert all("other wording" not in line for line in lines("/cancers/melanoma/"))


@pytest.mark.stock
def test_real_lines_that_differ_in_words_alone(library):
    """Avelumab after platinum: approved in both places, in two wordings. Relatlimab: in two settings, too."""
    (maintenance,) = [line for line in lines("/cancers/bladder-cancer/") if "has not grown on" in line]
    assert re.search(r"US: [A-Z].*; EU: [A-Z].* US \d{4} EU ", maintenance)
    relatlimab = [line for line in lines("/cancers/melanoma/") if line.startswith("Nivolumab and relatlimab")]
    assert len(relatlimab) == 2
    for line in (maintenance, *relatlimab):
        assert ("other wording, see another line" in line) == (line is not maintenance)
        assert "not approved" not in line.partition("FDA (")[0].partition("EMA (")[0]


def test_order_of_a_regimen_makes_no_other_line():
    create_page()
    create_indication(partners=["ipilimumab"])
    row = ema(partners=["ipilimumab"])
    for position, member in enumerate(reversed(row.members.all())):
        member.position = position
        member.save()
    assert len([line for line in lines("/cancers/melanoma/") if "estumab" in line]) == 1


def test_use_stands_on_the_page_of_each_of_its_medicines():
    create_page()
    other = create_page(slug="otherumab", name="Otherumab").content.entry
    create_indication(drug=create_drug(), partners=[other.slug])
    assert lines("/drugs/testumab/")[0].startswith("Advanced disease, at any point with otherumab US 2020")
    assert lines("/drugs/otherumab/")[0].startswith("Advanced disease, at any point with testumab US 2020")
    assert line_with("Testumab + otherumab")


def test_withdrawn_use_is_struck_and_stands_apart():
    create_page()
    create_indication(withdrawn_on=datetime.date(2024, 5, 6), withdrawn_source="test-label")
    ema()
    page = section("/cancers/melanoma/")
    current, _, over = page.partition("No longer approved")
    assert "US: ended 2024" in plain(current)
    assert "<s><b>Testumab</b> alone</s>" in over
    assert "Withdrawn 6 May 2024." in plain(over)
    assert page.count("6 May 2024") == 1


def test_announced_end_is_no_end():
    create_page()
    create_indication(announced_on=datetime.date(2024, 5, 6), announced_source="test-label")
    line = line_with("Testumab")
    assert "US 2020" in line
    assert "Its end was announced, 6 May 2024." in line


def test_days_of_a_use_are_told():
    create_page()
    days = {"narrowed_on": datetime.date(2021, 5, 22), "converted_on": datetime.date(2022, 1, 3)}
    create_indication(
        approval="converted", narrowed_source="test-label", converted_source="test-label", **days
    )
    line = line_with("Testumab")
    assert "Early approval: more proof was owed then, 2 January 2020." in line
    assert "Full approval" not in line
    assert "Limited to fewer people, 22 May 2021. Made a full approval, 3 January 2022." in line


def test_full_approval_without_a_known_day_is_said_at_once():
    create_page()
    create_indication(approval="converted", converted_source="")
    assert "Full approval, after an accelerated one, 2 January 2020." in line_with("Testumab")


@pytest.mark.parametrize("approval", ["accelerated", "conditional"])
def test_proof_is_no_longer_owed_for_a_use_that_ended(approval):
    create_page()
    create_indication(
        approval=approval, withdrawn_on=datetime.date(2024, 5, 6), withdrawn_source="test-label"
    )
    create_indication(key="fda-other", approval=approval, condition="Melanoma of the eye")
    current, _, over = section("/cancers/melanoma/").partition("No longer approved")
    assert "more proof is still owed, 2 January 2020." in plain(current)
    assert "Early approval: more proof was owed then, 2 January 2020." in plain(over)
    assert "still owed" not in over


def test_first_treatment_of_an_early_disease_is_not_called_advanced():
    """Smoldering myeloma, or a leukemia that is no longer to be seen."""
    create_page()
    create_indication(setting=Indication.Setting.FIRST_LINE, condition="Smoldering myeloma")
    group = section("/cancers/melanoma/").partition('id="use-first-line"')[2].partition("</summary>")[0]
    assert "First treatment:" in group
    assert "dvanced" not in group


def test_test_needed_is_said_once_and_alternatives_together():
    create_page()
    row = create_indication(biomarker="egfr-and-alk", approve=False)
    row.requirements.update(scale="no-change", at_least=None, level="No EGFR or ALK change")
    marker = create_indication(biomarker="pd-l1", key="fda-other").requirements.get().biomarker
    for scale, number, level in (
        ("TC", 50, "50% or more of tumor cells"),
        ("IC", 10, "10% or more of immune cells"),
    ):
        BiomarkerRequirement.objects.create(
            indication=row, biomarker=marker, scale=scale, at_least=number, any_of=1, level=level
        )
    row.approve(by=None, now=datetime.date(2026, 11, 22))
    line = line_with("EGFR")
    assert "Test needed: No EGFR or ALK change. PD-L1 50% or more of tumor cells or PD-L1 10% or more" in line


def test_line_of_a_biomarker_shows_the_level():
    create_page()
    create_indication(biomarker="pd-l1")
    line = line_with("Testumab", "/biomarkers/pd-l1/")
    assert line.startswith(
        "Testumab alone Advanced disease, at any point. 1% or more US 2020 Israel not read"
    )


def test_closed_group_names_its_medicines():
    create_page()
    create_indication(setting="neoadjuvant", lines=[])
    group = section("/cancers/melanoma/").partition("</summary>")[0]
    assert 'id="use-neoadjuvant"' in group
    assert plain(group).endswith("Before surgery: Testumab")


def test_chemoradiation_has_a_group_of_its_own():
    create_page()
    create_indication(setting="after-chemoradiation", lines=[])
    assert 'id="use-after-chemoradiation"' in section("/cancers/melanoma/")


def test_block_of_one_regulator_speaks_of_no_other(client):
    from tests.content.test_plugins import shown

    create_indication()
    text = plain(shown(client, "IndicationTablePlugin", drug=create_drug(), regulator="FDA"))
    assert "US 2020" in text
    assert "Israel not read" not in text


@both
def test_decision_stands_once_on_a_page(library):
    """However many medicines and lines a page has."""
    for path in ("/cancers/melanoma/", "/drugs/nivolumab/", "/drugs/pembrolizumab/", "/biomarkers/pd-l1/"):
        kind, slug = path.strip("/").split("/")
        about = {"cancers": "cancer", "drugs": "members__drug", "biomarkers": "requirements__biomarker"}[kind]
        stored = Indication.objects.approved().filter(**{f"{about}__slug": slug}).distinct()
        heads = " ".join(re.findall("<dt>(.*?)</dt>", section(path)))
        assert heads.count("FDA (") == stored.filter(regulator="FDA").count() > 0
        assert heads.count("EMA (") == stored.filter(regulator="EMA").count()


def test_what_two_regulators_say_alike_is_told_once():
    create_page()
    for regulator in ("FDA", "EMA"):
        create_indication(key=f"{regulator}-alike".lower(), regulator=regulator, same_use="alike")
    line = line_with("Testumab")
    assert line.count("Melanoma that has spread.") == 1
    assert "FDA (United States), EMA (European Union)" in line
    assert "FDA (United States): Full approval" in line
    assert "EMA (European Union): Full approval" in line


def test_use_that_a_wider_one_holds_says_so_and_stays_off_paper():
    create_page()
    create_indication(key="fda-wide", condition="Any melanoma")
    create_indication(key="fda-narrow", condition="Melanoma of the skin", part_of="fda-wide")
    uses = section("/drugs/testumab/")
    assert "Earlier, narrower use, now part of a wider one: Melanoma of the skin." in uses
    assert "now part of a wider one: Any melanoma" not in uses
    assert uses.count('<details class="use screen-only">') == 1


def test_key_explains_the_marks_that_are_there():
    create_page()
    create_indication()
    assert "A year: approved since then." in key_of_lines()
    assert "✓" not in key_of_lines()
    assert "A dashed edge" in key_of_lines()  # nobody has read the other lists
    ema()
    assert "✓: approved, day not confirmed." in key_of_lines()


def key_of_lines() -> str:
    page_cache.generation.start_new()
    page = Client().get("/drugs/testumab/").content.decode()
    return page.partition("How to read these lines")[2].partition('<div class="uses">')[0]


def test_many_uses_of_a_medicine_are_a_line_each_on_paper():
    """A reader has one cancer. Two sheets of lines are read; eight with all that was decided are not."""
    create_page()
    for number in range(MOST_WHOLE_ON_PAPER):
        create_indication(key=f"fda-{number}", condition=f"Melanoma, kind {number}")
    assert '<dl class="screen-only">' not in section("/drugs/testumab/")
    create_indication(
        key="fda-more", condition="Melanoma, one more kind", source=create_source(key="only-there")
    )
    uses = section("/drugs/testumab/")
    assert uses.count('<dl class="screen-only">') == uses.count("<dl") == MOST_WHOLE_ON_PAPER + 1
    # What tells lines apart stands on paper, what else is known of each on the page of its cancer.
    assert '<span class="hint">Melanoma, one more kind</span>' in uses
    page = Client().get("/drugs/testumab/").content.decode()
    assert "The page of your cancer says for whom each one is" in page
    assert re.search(r'<li id="source-\d+"[^>]* class="screen-only">\s*<a[^>]*only-there', page)
    assert '<dl class="screen-only">' not in section("/cancers/melanoma/")


@both
def test_group_that_is_closed_hides_no_medicine(library):
    groups = section("/cancers/melanoma/").split('class="wide-open"')[1:]
    assert groups
    for group in groups:
        told = plain(group.partition("</summary>")[0]).lower()
        leads = re.findall(r"<summary>\s*<span><b>(.*?)</b>", group.partition("No longer approved")[0])
        medicines = [name for lead in leads for name in lead.lower().split(" + ")]
        assert medicines
        assert all(name in told for name in medicines)
