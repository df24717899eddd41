"""What a patient finds on an entry page, in the small library."""

from __future__ import annotations

import datetime
import re

import pytest
from django.test import Client

from content.changes import announce_change
from content.models import (
    Indication,
    OccurrenceText,
    Question,
    SideEffect,
    SideEffectOccurrence,
    Source,
    TherapyClassContent,
)
from tests.factories import TODAY, create_drug, create_indication, create_occurrence, create_source

pytestmark = pytest.mark.django_db


def read(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_many_uses_are_folded_by_cancer_and_counted(client):
    """A patient finds their cancer in a short list and opens it; nothing is left out."""
    page = read(client, "/drugs/pembrolizumab/")
    current = Indication.objects.approved().filter(members__drug__slug="pembrolizumab", status="current")
    by_cancer = [int(number) for number in re.findall(r">(\d+) uses?<", page)]
    over = page.partition("No longer approved")[2].count('<details class="use">')
    assert len(by_cancer) == current.values("cancer").distinct().count() > 10
    assert sum(by_cancer) == page.count('<details class="use">') - over
    uses = page.partition('<div class="uses">')[2].partition("</section>")[0]
    assert over
    groups = re.findall(r'<details id="use-([\w-]+)" class="wide-open">', uses)
    assert len(groups) == len(by_cancer)
    # The last ones share a line, which names them while it is closed.
    first, more = uses.split('<details class="wide-open rest">')
    assert first.count('id="use-') == 6
    told = re.search(r"(\d+) more: <i>(.*?)</i>", more)
    inside = re.findall(r"<h3>(.*?):</h3>", more.partition("No longer approved")[0])
    assert told
    assert (int(told[1]), told[2]) == (len(inside), ", ".join(inside))
    assert len(inside) == len(groups) - 6


def test_page_of_a_medicine_has_no_link_to_itself_among_its_uses(client):
    uses = read(client, "/drugs/nivolumab/").partition('id="indications"')[2].partition("</section>")[0]
    assert "with ipilimumab" in uses
    assert 'href="/drugs/nivolumab/"' not in uses
    assert 'href="/drugs/nivolumab/"' in read(client, "/cancers/melanoma/")


def test_rarer_figures_are_folded_and_the_line_says_how_rare_at_most(client):
    """Rounded up: 12.4 of 100 is not "12 or fewer"."""
    for number in range(8):
        drug = create_drug(slug=f"medicine-{number}")
        create_occurrence(drug=drug, side_effect=lung(), percent_any=f"{20.4 - number * 2}")
    common = section(read(client, "/side-effects/lung-inflammation/"), "how-common")
    opened, line, folded = common.partition("more treatments: each in ")
    assert opened.count("<b>") == 4
    assert line
    percent, _words, rows = folded.partition(" of 100 people or fewer</summary>")
    figures = [int(one) for one in re.findall(r"<b>(\d+) of 100</b>", rows.partition("</details>")[0])]
    assert figures
    assert all(one <= int(percent) for one in figures)
    assert int(percent) == 13


def test_severe_figure_alone_is_told_as_one(client):
    create_occurrence(drug=create_drug(slug="medicine"), side_effect=lung(), percent_severe="3.6")
    common = section(read(client, "/side-effects/lung-inflammation/"), "how-common")
    assert "<b>severe: 4 of 100</b>" in common
    assert (
        "How common it is, is not known" not in common.partition("severe: 4 of 100")[2].partition("</li>")[0]
    )


def test_figure_of_a_medicine_alone_stands_before_those_with_others(client):
    """The line of the fold says what is in it."""
    for percent, others in ((20, []), (77, ["chemotherapy"])):
        create_figure("medicine", f"Counted in {percent}", percent_any=str(percent), given_with=others)
    opened, _, folded = section(read(client, "/side-effects/lung-inflammation/"), "how-common").partition(
        "1 more figure: with other medicines, other doses or groups of people"
    )
    assert "<b>20 of 100</b>" in opened
    assert "<b>77 of 100</b>" not in opened
    assert "<b>77 of 100</b>" in folded


def test_medicine_that_is_never_given_alone_has_its_figure(client):
    """Nothing but a fold would say that nobody counted."""
    create_figure("medicine", "In a trial", percent_any="77", people=9, given_with=["chemotherapy", "bcg"])
    create_figure("medicine", "In a small trial", percent_any="50", people=3, given_with=["chemotherapy"])
    common = section(read(client, "/side-effects/lung-inflammation/"), "how-common")
    opened = plain(common.partition("1 more figure: with other medicines")[0])
    assert "medicine with chemotherapy and BCG 77 of 100" in opened
    assert "50 of 100" not in opened


def test_most_common_figure_of_two_medicines_is_not_folded(client):
    """Who has both must not read the figure of one."""
    create_figure("nivolumab", "Alone", percent_any="20")
    create_figure("nivolumab", "In another trial", percent_any="78", given_with=["chemotherapy"])
    create_figure("nivolumab", "In a trial", percent_any="77", given_with=["ipilimumab"])
    common = section(read(client, "/side-effects/lung-inflammation/"), "how-common")
    opened = common.partition("1 more figure: with other medicines")[0]
    assert "<b>77 of 100</b>" in opened
    assert "<b>20 of 100</b>" in opened


def lung() -> SideEffect:
    return SideEffect.objects.get(slug="lung-inflammation")


def section(page: str, name: str) -> str:
    return page.partition(f'id="{name}"')[2].partition("</section>")[0]


def test_partner_of_a_class_is_no_medicine_of_it(client):
    """Bevacizumab among the checkpoint inhibitors would be a false statement."""
    partner = create_drug(slug="partnerumab")
    create_indication(drug=create_drug(slug="pembrolizumab"), partners=[partner.slug])
    page = client.get("/therapies/pd-1-inhibitors/").content.decode()
    section = page[page.index('id="medicines"') :].partition("</section>")[0]
    own, _, partners = section.partition("Not of this group, but given with one of them")
    assert "Pembrolizumab</a>" in own
    assert "partnerumab" not in own
    assert "partnerumab</a>" in partners


def headings(page: str) -> list[str]:
    """The sections of a page in their order, by anchor."""
    return re.findall(r'class="section section-([\w-]+)', page)


def test_harm_stands_directly_behind_benefit(client):
    medicine = headings(read(client, "/drugs/pembrolizumab/"))
    assert medicine[medicine.index("results") + 1] == "side-effects"
    group = headings(read(client, "/therapies/pd-1-inhibitors/"))
    assert group[group.index("benefit") + 1] == "risks"


@pytest.mark.parametrize("path", ["/drugs/nivolumab/", "/therapies/pd-1-inhibitors/", "/biomarkers/pd-l1/"])
def test_help_stands_beside_the_next_steps_at_the_end(client, path):
    answer = "- **At home, by phone:** somebody listens [@test-label]."
    row = Question.objects.create(
        slug="where-can-i-find-help", topic="basics", question="Where?", answer=answer, source=create_source()
    )
    row.approve(by=None, now=TODAY)
    page = read(client, path)
    assert headings(page)[-1] == "help"
    help_, _, after = page.partition('id="help"')[2].partition("</details>")
    assert "<i>At home</i>" in help_
    steps = after.partition('id="next-steps"')[2].partition("</details>")[0]
    assert steps.count("<li>") >= 4
    assert "/decision/</span>" in steps  # on paper


def test_page_of_a_test_says_for_whom_it_is_and_what_comes_without_it(client):
    page = read(client, "/biomarkers/pd-l1/")
    assert "For people who wait for this result" in page
    assert "Without the result your team chooses without knowing this." in section(page, "limits")


@pytest.mark.parametrize(
    ("path", "key"),
    [("/drugs/nivolumab/", "fda-opdivo-label"), ("/guide/how-it-works/", "acs-checkpoint-inhibitors")],
)
def test_page_says_the_newest_day_that_one_of_its_sources_was_read(client, path, key):
    """Whatever day was typed beside its text."""
    day = TODAY + datetime.timedelta(days=40)
    Source.objects.update(checked_on=day - datetime.timedelta(days=1))
    Source.objects.filter(key=key).update(checked_on=day)
    announce_change()
    page = read(client, path)
    assert f"Sources read {day:%-d %B %Y}." in page
    assert f"<dd>{day:%-d %B %Y}</dd>" in page


def create_figure(slug: str, counted: str, **changes: object) -> SideEffectOccurrence:
    """Of pneumonitis, whatever it counts: the small library has no other side effect with signs."""
    row = create_occurrence(drug=create_drug(slug=slug), side_effect=lung(), approve=False, **changes)
    OccurrenceText.objects.create(occurrence=row, language="en", context=counted)
    row.approve(by=None, now=TODAY)
    return row


def test_what_counts_different_things_is_no_one_list(client):
    """Of 2 of 100 with bowel inflammation and 17 with any diarrhea none is the rarer medicine."""
    SideEffectOccurrence.objects.all().delete()
    create_figure("onumab", "Given alone", counts="colitis", percent_any="1.8")
    create_figure("twomab", "From any cause, given alone", counts="diarrhea", percent_any="17")
    create_figure("onumab", "From any cause, given alone", counts="diarrhea", percent_any="22")
    common = section(read(client, "/side-effects/lung-inflammation/"), "how-common")
    diarrhea, colitis = sorted(common.split("<h3>")[1:], key=lambda part: "Diarrhea" not in part)
    assert re.findall(r"<b>(\d+) of 100</b>", diarrhea) == ["22", "17"]
    assert re.findall(r"<b>(\d+) of 100</b>", colitis) == ["2"]


def test_figure_of_two_medicines_stands_under_both_names(client):
    SideEffectOccurrence.objects.all().delete()
    create_figure("ipilimumab", "Higher dose (3 mg per kg)", given_with=["nivolumab"], percent_any="28")
    create_figure("nivolumab", "Rash, given alone", percent_any="9")
    common = plain(section(read(client, "/side-effects/lung-inflammation/"), "how-common"))
    assert "Ipilimumab with nivolumab 28 of 100" in common
    assert "Nivolumab 9 of 100" in common


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_title_on_the_page_of_a_medicine_says_what_was_counted(client):
    row = create_figure("nivolumab", "Given alone", counts="red-cells", percent_any="27")
    common = section(read(client, "/drugs/nivolumab/"), "how-common")
    title = common.partition(">27 of 100<")[0].rpartition("<strong>")[2]
    assert "Too few red blood cells (anemia)" in title
    assert row.side_effect.slug in title


@pytest.mark.parametrize(
    ("people", "said"), [(26, "none of 26 people, too few to tell"), (900, "fewer than 1 of 100")]
)
def test_nobody_of_a_few_people_is_not_called_rare(client, people, said):
    create_figure("onumab", "In a program", percent_any="0", people=people)
    common = section(read(client, "/side-effects/lung-inflammation/"), "how-common")
    assert f"<b>{said}</b>" in common


def test_paper_lists_no_source_that_nothing_on_it_points_to(client):
    """Of figures that fold the bars stand on the screen alone."""
    for number in range(9):
        source = create_source(key=f"source-{number}")
        create_figure(f"medicine-{number}", "Alone", percent_any=f"{90 - number}", source=source)
    page = read(client, "/side-effects/lung-inflammation/")
    folded = page.partition("more treatments: each in ")[2].partition("</details>")[0]
    only_there = {*re.findall(r'data-n="(\d+)"', folded)}
    listed = page.partition('id="sources"')[2]
    assert len(only_there) > 4
    left_out = re.findall(r'id="source-(\d+)"[^>]* class="screen-only"', listed)
    assert left_out
    assert only_there >= {*left_out}


def marks_on(page: str) -> list[list[str]]:
    """Of the thermometer: both scales, and what to do."""
    columns = page.partition('<p class="marks"')[2].partition("</p>")[0].split("<span>")[1:]
    return [re.findall(r"<bdi>(.*?)</bdi>", column) for column in columns]


def test_thermometer_stands_where_a_temperature_decides(client):
    assert any(marks_on(read(client, "/drugs/nivolumab/").split('class="ways"')[0]))
    assert not marks_on(read(client, "/biomarkers/pd-l1/"))


def test_thermometer_says_what_to_do_at_a_number(client):
    at_38 = ["38 °C", "100.4 °F", "call today; an emergency for some"]
    assert marks_on(read(client, "/therapies/pd-1-inhibitors/")) == [[], at_38, []]


def test_thermometer_says_for_whom_a_number_is_an_emergency(client):
    page = read(client, "/therapies/pd-1-inhibitors/")
    said = plain(page.partition('<p class="marks"')[2].partition("<figcaption>")[2].partition("</fig")[0])
    assert said == (
        "Fever: measure it, and write it down. "
        "A temperature of 38 °C (100.4 °F) or more, if you also have chemotherapy: an emergency."
    )


def test_thermometer_has_the_numbers_that_count_for_its_readers(client):
    TherapyClassContent.objects.filter(entry__slug="pd-1-inhibitors").update(groups=["car-t"])
    at_37_5, at_38 = ["37.5 °C", "99.5 °F", "call today"], ["38 °C", "100.4 °F", "emergency"]
    assert marks_on(read(client, "/therapies/pd-1-inhibitors/")) == [at_37_5, at_38, []]


def test_cells_stand_beside_the_example_of_a_score(client):
    assert (
        "100 dots for 100 cancer cells." in read(client, "/biomarkers/pd-l1/").partition('id="how-tested"')[2]
    )


def test_medicine_has_the_drawing_of_its_group_under_one_title(client):
    page = read(client, "/drugs/nivolumab/")
    assert page.count("img/checkpoint-inhibitor") == 1
    assert page.count("How a checkpoint inhibitor works") == 1


def test_paper_about_a_test_has_lines_for_its_result(client):
    lines = read(client, "/biomarkers/pd-l1/").partition('to-fill-in">')[2].partition("</div>")[0]
    assert "My result:" in lines
    assert "Which sample, and its day:" in lines
    assert "last dose" not in lines


def test_paper_has_lines_to_write_in(client):
    assert "My team, day and night:" in read(client, "/drugs/nivolumab/").split('class="act"')[0]
    assert "My team, day and night:" in read(client, "/guide/how-it-works/")
    TherapyClassContent.objects.filter(entry__slug="pd-1-inhibitors").update(groups=["car-t"])
    for path in ("/side-effects/lung-inflammation/", "/drugs/nivolumab/", "/therapies/pd-1-inhibitors/"):
        log = read(client, path).partition('<table class="log print-only">')[2]
        assert log.partition("</table>")[0].count("<tr><td>") == 5
