"""What trials found: each rule, the pages a result stands on, the picture, the form, open data, search."""

from __future__ import annotations

import datetime
import re

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone, translation

from content.models import CancerType, Drug, Fact, Result, ResultArm, ResultOutcome, ResultText
from content.page.results_shown import Line, figure_of
from content.review import facts
from content.rules.rows import check_content
from content.search.find import find
from content.stock import files
from immuno_site import page_cache
from tests.factories import create_source
from tests.stocks import SMALL
from tests.stories import create_story, place, publish

pytestmark = pytest.mark.django_db

FILE = "results/melanoma.toml"
HARM = 'kind = "harm", what = "had a severe side effect", when = "within 5 years"'
FIRST = "Melanoma that has spread or cannot be removed, not treated before"


def create_result(*, key: str = "test-1", cancer: str = "melanoma", approve: bool = True) -> Result:
    """One group, benefit and harm."""
    row = Result.objects.create(
        key=key,
        cancer=CancerType.objects.get_or_create(slug=cancer)[0],
        trial=f"TRIAL {key}",
        setting="advanced",
        randomized=False,
        people=40,
        source=create_source(),
    )
    ResultText.objects.create(
        result=row,
        population="People with a sample cancer",
        analysis="First look",
        arm_names=["pembrolizumab"],
        outcome_whats=["tumor shrank", "had a severe side effect"],
        outcome_whens=["in the first look", "in the first look"],
    )
    ResultArm.objects.create(result=row, medicines=["pembrolizumab"], people=40)
    ResultOutcome.objects.create(result=row, position=0, kind="benefit", values=[33.5])
    ResultOutcome.objects.create(result=row, position=1, kind="harm", values=[0.4])
    if approve:
        Result.objects.filter(pk=row.pk).approve(by=None, now=timezone.localdate())
        row.refresh_from_db()
    return row


def shown(path: str) -> str:
    """The page as it is now."""
    page_cache.generation.start_new()
    return Client().get(path).content.decode()


def results_on(path: str) -> str:
    found = re.search(r'<section class="section section-results".*?</section>', shown(path), re.DOTALL)
    return found[0] if found else ""


def words_on(path: str) -> str:
    return plain(results_on(path))


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


# --- Bad input ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        (
            f"    {{ {HARM}, values = [58, 23, 28] }},\n",
            "",
            15,
            "Give the harm in the same unit, or say that it was not",
        ),
        (
            f"    {{ {HARM}, values = [58, 23, 28] }},",
            f"    {{ {HARM}, values = [58, 23, 28] }},\n    {{ {HARM}, values = [55, 16, 27] }},",
            18,
            "Two definitions in one result",
        ),
        (
            "[52, 44, 26]",
            "[52, 44]",
            16,
            "values: one number for each group. There are 3 groups and 2 numbers.",
        ),
        ("[52, 44, 26]", "[52, 44, 126]", 16, "values: of 100 people, so between 0 and 100."),
        ("[52, 44, 26]", '["52", "44", "26"]', 16, "values: write a list of numbers: [52, 44.3]."),
        ("values = [52, 44, 26]", "low = [1, 2, 3]", 16, 'Give values, median_months or status = "not-read"'),
        (
            "[52, 44, 26]",
            "[52, 44, 26], low = [53, 4, 2], high = [54, 48, 30]",
            16,
            "The number lies between low",
        ),
        ("[52, 44, 26]", "[52, 44, 26], low = [50, 40, 20]", 16, "What is likely has two ends"),
        (", people = 316 }", " }", 12, "The other groups say how many people they had"),
        ("people = 945", "people = 900", 7, "The groups have 945 people together, more than 900."),
        ('["nivolumab"]', '["nivolumap"]', 12, "There is no medicine 'nivolumap': write 'nivolumab'."),
        ('["nivolumab"]', '["Nivolumab"]', 12, "There is no medicine 'Nivolumab': write 'nivolumab'."),
        (
            'sources = ["nature-2019-checkmate-067", ',
            'sources = ["made-up", ',
            19,
            "There is no source 'made-up'",
        ),
        ('what = "alive"', 'what = "cured"', 16, "needs a number of people and its source"),
        ('what = "alive"', 'what = "a breakthrough"', 16, "breakthrough"),
        ('setting = "first-line"', 'setting = "early"', 5, "setting: 'early' is not one of"),
        ("Counted 5 years", f"{'x' * 235} 5 years", 9, "analysis: it has 259 characters; at most 250 fit."),
        ('"checkmate-067-five-years"', '"keynote-054-seven-years"', 22, "names another result already"),
        ('what = "alive", ', "", 16, "Fill in the field 'what'."),
        ("people = 945", "people = 945\nanalysis_on = 2030-01-01", 8, "2030-01-01 lies in the future."),
    ],
)
def test_bad_input_gets_one_clear_line(folder, old, new, line, message):
    path = folder / FILE
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    found = [
        (finding.line, finding.message)
        for finding in files.findings(files.read(folder), today=datetime.date(2026, 11, 26))
        if finding.level == "block" and finding.where == FILE and "canonical" not in finding.rule
    ]
    assert {number for number, said in found if message in said} == {line}, found


def test_one_group_alone_says_so(folder):
    path = folder / FILE
    text = path.read_text()
    text = text.replace('    { name = "placebo", people = 505 },\n', "").replace("[50, 36]", "[50]")
    path.write_text(text)
    said = [finding.message for finding in files.findings(files.read(folder))]
    assert any(one.startswith("One group alone: write randomized = false. Readers are told") for one in said)


def test_file_is_named_after_a_cancer(folder):
    (folder / FILE).rename(folder / "results/made-up.toml")
    said = [finding.message for finding in files.findings(files.read(folder))]
    assert "The file is named after a cancer; there is no 'made-up' in slugs.toml." in said


def test_key_stands_once_in_the_library(folder):
    text = (folder / FILE).read_text()
    (folder / "results/kidney-cancer.toml").write_text(text)
    found = [finding for finding in files.findings(files.read(folder)) if finding.rule == "key-once"]
    other = "results/kidney-cancer.toml"
    assert {(finding.where, finding.line) for finding in found} == {
        (FILE, 2), (FILE, 22), (other, 2), (other, 22),
    }  # fmt: skip
    assert all(finding.level == "block" for finding in found)
    (told,) = (finding.message for finding in found if (finding.where, finding.line) == (FILE, 22))
    assert told == "The key 'keynote-054-seven-years' stands already in kidney-cancer.toml."


def test_refused_file_changes_nothing(folder):
    before = list(Result.objects.values_list("pk", "state"))
    path = folder / FILE
    path.write_text(path.read_text().replace("[52, 44, 26]", "[52, 44]"))
    with pytest.raises(CommandError, match="nothing was written"):
        call_command("import_library", str(folder), verbosity=0)
    assert list(Result.objects.values_list("pk", "state")) == before


# --- Files and database -------------------------------------------------------------------------------------


def test_export_gives_the_same_bytes(tmp_path):
    call_command("export_library", str(tmp_path), verbosity=0)
    assert (tmp_path / FILE).read_text() == (SMALL / FILE).read_text()


def test_import_replaces_only_the_row_that_changed(folder):
    before = dict(Result.objects.approved().values_list("key", "pk"))
    path = folder / FILE
    path.write_text(path.read_text().replace("[52, 44, 26]", "[52, 44, 26.5]"))
    call_command("import_library", str(folder), verbosity=0)
    after = dict(Result.objects.approved().values_list("key", "pk"))
    assert after["keynote-054-seven-years"] == before["keynote-054-seven-years"]
    new = Result.objects.get(pk=after["checkmate-067-five-years"])
    assert new.supersedes_id == before["checkmate-067-five-years"]
    assert "exactly 26.5" in words_on("/cancers/melanoma/")


# --- Pages --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/cancers/melanoma/", "/drugs/nivolumab/", "/therapies/pd-1-inhibitors/"])
def test_result_stands_on_the_pages_of_its_cancer_its_medicines_and_their_class(path):
    assert FIRST in words_on(path)


def test_result_stands_on_no_other_page():
    assert FIRST not in shown("/drugs/pembrolizumab/")
    assert not results_on("/side-effects/fatigue/")


def test_trial_of_a_medicine_is_no_use_of_it():
    create_result(cancer="prostate-cancer")
    page = shown("/therapies/pd-1-inhibitors/")
    assert "TRIAL test-1" in words_on("/therapies/pd-1-inhibitors/")
    uses = re.search(r'<details class="section section-cancers.*?</details>', page, re.DOTALL)
    assert uses
    assert "prostate" not in uses[0].lower()


def test_picture_is_a_table_with_its_words():
    html = results_on("/cancers/melanoma/")
    table = html.split("<table")[1].split("</table>")[0]
    assert '<th scope="col" class="benefit"><b>Benefit:</b> alive after 5 years</th>' in table
    assert '<th scope="col" class="harm"><b>Harm:</b> had a severe side effect within 5 years</th>' in table
    assert table.count('scope="rowgroup"') == 3
    assert re.findall(r"<b>(\d+)</b> <small>of 100", table) == ["52", "58", "44", "23", "26", "28"]
    assert table.count("<svg") == table.count('aria-hidden="true"') == 6
    assert "945 people" in table
    assert "CheckMate 067" in table
    words = words_on("/cancers/melanoma/")
    assert (
        "Nivolumab with ipilimumab, against ipilimumab alone: 26 more of 100: alive after 5 years." in words
    )
    assert "30 more of 100: had a severe side effect within 5 years." in words
    assert "Source: Nature Reviews Clinical Oncology" in words
    assert 'style="' not in html


@pytest.mark.parametrize(
    ("value", "people", "exact"),
    [(52, 52, ""), (31.9, 32, "31.9"), (69.5, 70, "69.5"), (0, 0, ""), (0.4, 0, "0.4"), (100, 100, "")],
)
def test_people_are_whole_and_the_exact_number_stays(value, people, exact):
    figure = figure_of(value)
    assert (figure.people, figure.exact) == (people, exact)
    assert sum(count for _row, count in figure.rows) == people
    assert figure.bodies.count("M") == (people + 9) // 10


def test_harm_that_was_not_read_is_said():
    words = words_on("/drugs/pembrolizumab/")
    assert (
        "We found no numbers that compare the harm in this report of the trial. Ask your team for them."
        in words
    )


def test_what_likely_ends_mean_is_said_once():
    words = words_on("/cancers/melanoma/")
    assert words.count("the true number is probably there.") == ("likely" in words)
    row = create_result(key="zz-range", approve=False)
    row.outcomes.filter(kind="benefit").update(low=[24], high=[44])
    Result.objects.filter(pk=row.pk).approve(by=None, now=timezone.localdate())
    words = words_on("/cancers/melanoma/")
    assert "likely 24 to 44" in words
    assert words.count("the true number is probably there.") == 1


def test_months_stand_large_where_nothing_was_counted_of_100():
    row = create_result(key="zz-months", approve=False)
    row.outcomes.filter(kind="benefit").update(values=[], median_months=[7.7])
    row.outcomes.filter(kind="harm").update(values=[], status="not-read")
    Result.objects.filter(pk=row.pk).approve(by=None, now=timezone.localdate())
    card = results_on("/cancers/melanoma/").partition("TRIAL zz-months")[2].partition("</figure>")[0]
    assert "<b>7.7</b> <small>months</small>" in card.partition("</table>")[0]
    assert "7.7" not in card.partition("</table>")[2]


def test_months_stand_in_a_fold_too():
    row = create_result(key="zz-months", approve=False)
    row.outcomes.filter(kind="benefit").update(values=[], median_months=[7.7])
    Result.objects.filter(pk=row.pk).approve(by=None, now=timezone.localdate())
    told = words_on("/drugs/pembrolizumab/").partition("( TRIAL zz-months , 40 people)")[2]
    assert told.startswith(". No comparison. Of 100 people Benefit: tumor shrank in the first look")
    assert "Pembrolizumab 7.7 months" in told


def test_fold_tells_the_benefit_that_the_file_names_first():
    """How long people lived is not left out for an earlier sign of it that can be drawn."""
    row = create_result(key="zz-months", approve=False)
    row.outcomes.filter(kind="harm").update(position=2)
    row.outcomes.filter(kind="benefit").update(position=1)
    ResultOutcome.objects.create(result=row, position=0, kind="benefit", median_months=[7.7])
    words = row.texts.get()
    words.outcome_whats = ["lived this long", *words.outcome_whats]
    words.outcome_whens = ["in the last look", *words.outcome_whens]
    words.save()
    Result.objects.filter(pk=row.pk).approve(by=None, now=timezone.localdate())
    told = words_on("/drugs/pembrolizumab/").partition("( TRIAL zz-months , 40 people)")[2]
    assert told.startswith(". No comparison. Of 100 people Benefit: lived this long in the last look")
    assert "Pembrolizumab 7.7 months 0" in told


def test_fold_says_the_difference_in_words():
    """As counted: nothing where two numbers are alike once they are whole."""
    row = create_result(key="zz-two", approve=False)
    row.texts.update(arm_names=["pembrolizumab", "chemotherapy"])
    ResultArm.objects.create(result=row, position=1, medicines=[], people=40)
    row.outcomes.filter(kind="benefit").update(values=[33.5, 45.6])
    row.outcomes.filter(kind="harm").update(values=[0.4, 0.2])
    Result.objects.filter(pk=row.pk).approve(by=None, now=timezone.localdate())
    told = results_on("/drugs/pembrolizumab/").partition("TRIAL zz-two")[2].partition("</table>")[0]
    assert plain(told).endswith("Chemotherapy 46 0 Difference counted 12 fewer")
    assert told.count("<td>") == 6
    assert "Difference" not in words_on("/drugs/pembrolizumab/").partition("TRIAL zz-two")[0]


def test_head_of_a_narrow_column_is_short_and_the_rest_stands_below():
    row = create_result(key="zz-long", approve=False)
    row.texts.update(outcome_whens=["in the first look", "in the first look; of all 90 people of the trial"])
    Result.objects.filter(pk=row.pk).approve(by=None, now=timezone.localdate())
    told = results_on("/drugs/pembrolizumab/").partition("TRIAL zz-long")[2]
    table, _end, below = told.partition("</table>")
    assert "in the first look</th>" in table  # until when benefit was counted
    assert '<th scope="col"><b>Harm:</b> had a severe side effect</th>' in table
    assert plain(below).startswith(
        "Had a severe side effect: in the first look; of all 90 people of the trial."
    )


@pytest.mark.parametrize(
    ("language", "values", "said"),
    [
        ("en", ("52", "26"), "26 more"),
        ("en", ("52", "52"), ""),
        ("he", ("3", "4"), "אדם אחד פחות"),
        ("he", ("58", "28"), "\u200e30 יותר"),
        ("ar", ("4", "2"), "أكثر بشخصين"),
        ("ar", ("2", "7"), "أقل بـ 5 أشخاص"),
        ("ar", ("32", "16"), "أكثر بـ 16 شخصًا"),
        ("ru", ("22", "1"), "на 21 человека больше"),
        ("ru", ("5", "16"), "на 11 человек меньше"),
    ],
)
def test_difference_is_said_as_each_language_counts(language, values, said):
    line = Line("benefit", "alive", "after 5 years", "people", [("a", values[0]), ("b", values[1])])
    with translation.override(language):
        assert line.difference == said


def test_one_group_is_told_to_have_no_comparison():
    create_result(key="zz-alone")
    words = words_on("/cancers/melanoma/")
    assert "No comparison: everybody in this trial had the same treatment." in words
    assert "34 of 100 (exactly 33.5)" in words
    # The page of the medicine has its figures alone, folded: the pictures stand on that of the cancer.
    told = words_on("/drugs/pembrolizumab/").partition("( TRIAL zz-alone , 40 people)")[2]
    assert told.startswith(". No comparison. Of 100 people Benefit: tumor shrank in the first look")
    assert "Pembrolizumab 34 0" in told


def test_after_the_first_they_fold():
    for number in range(4):
        create_result(key=f"zz-{number}")
    html = results_on("/cancers/melanoma/")
    first, *folded = html.split("<details>")
    assert first.count("<figure") == 1
    assert sum(part.count("<figure") for part in folded) == 5
    assert all(part.count("<summary>") == 1 for part in folded)
    closed = [plain(part.partition("</summary>")[0]) for part in folded]
    assert "Advanced disease, at any point: pembrolizumab" in closed


def test_page_of_a_medicine_tells_further_results_without_pictures_under_one_line():
    for number in range(2):
        create_result(key=f"zz-{number}")
    first, *folded = results_on("/drugs/pembrolizumab/").split('<details class="fold">')
    assert first.count("<figure") == 1
    (line,) = folded
    assert plain(line.partition("</summary>")[0]) == "More results, by cancer: Melanoma"
    assert "<h3>Melanoma: more results</h3>" in line
    assert line.count("<table>") == 2
    assert "<figure" not in line


def test_page_tells_that_a_result_was_taken_off(editor):
    row = Result.objects.approved().get(key="checkmate-067-five-years")
    assert {place.url for place in facts.places_of(row)} == {
        "/cancers/melanoma/", "/drugs/nivolumab/", "/therapies/pd-1-inhibitors/",
    }  # fmt: skip
    facts.retire_fact(row, by=editor, reason="The paper was taken back.", now=timezone.localdate())
    for path in ("/cancers/melanoma/", "/drugs/nivolumab/", "/therapies/pd-1-inhibitors/"):
        assert FIRST not in results_on(path)
        assert "Taken off this page: CheckMate 067, Melanoma" in shown(path)


def test_numbers_of_benefit_in_prose_need_no_harm_where_a_result_says_it():
    content = CancerType.objects.get(slug="melanoma").contents.get(language="en")
    content.benefit = "43 of 100 people were alive after 10 years [@ejc-2024-keynote-054]."
    for name in content.prose:
        if name != "benefit":
            setattr(content, name, "Ask your team [@ejc-2024-keynote-054].")
    content.act_emergency, content.key_message = [], "Ask your team."
    said = {finding.rule for finding in check_content(content)}
    assert "benefit-with-harm" not in said
    Result.objects.all().update(state=Fact.State.RETIRED)
    assert "benefit-with-harm" in {finding.rule for finding in check_content(content)}


def test_block_shows_one_result_and_nothing_once_it_is_gone(editor):
    row = Result.objects.approved().get(key="checkmate-067-five-years")
    content = create_story(text="")
    place(content, "ResultPlugin", key=row.key)
    publish(content)
    assert '<figure class="result">' in shown("/story/")
    facts.retire_fact(row, by=editor, reason="The paper was taken back.", now=timezone.localdate())
    assert '<figure class="result">' not in shown("/story/")


def test_page_of_a_treatment_tells_how_people_fared_without_it(client: Client) -> None:
    """Only of trials where chance decided and whose last group did not have it; and what else there is to choose."""

    def choices_on(path: str) -> str:
        _before, _is_there, after = shown(path).partition('id="choices"')
        return plain(after.partition("</details>\n")[0] + after.partition("</details>\n")[2])

    told = choices_on("/drugs/pembrolizumab/")
    assert "Stage 3 melanoma, removed (without it: placebo). " in told
    assert "36 of 100 without it, 50 with it. We found no numbers that compare the harm." in told
    assert "Care that eases pain" in told
    # What no treatment means is told once, above.
    assert '<a href="#what-it-is">' in shown("/drugs/pembrolizumab/").partition('id="choices"')[2]
    assert '<a href="#benefit">' in shown("/therapies/pd-1-inhibitors/").partition('id="choices"')[2]
    assert "the decision sheet helps" in told
    # One is told in words; the others stand in the numbers above.
    assert "More such trials stand in the numbers above." not in told
    assert "More such trials stand in the numbers above." in choices_on("/therapies/pd-1-inhibitors/")
    Result.objects.filter(key="keynote-054-seven-years").update(randomized=False)
    assert "In no trial of our list did chance decide" in choices_on("/drugs/pembrolizumab/")
    assert choices_on("/cancers/melanoma/") == ""


# --- Search and open data -----------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["CheckMate 067", "KEYNOTE-054", "NCT01844505"])
def test_name_of_a_trial_finds_its_cancer(query):
    assert find(query, language="en")[0].url == "/cancers/melanoma/"


def test_open_data_lists_results_by_cancer_and_by_drug(client):
    every = client.get("/api/v1/results/").json()
    assert every["count"] == 2
    of_drug = client.get("/api/v1/results/?drug=nivolumab&cancer=melanoma").json()
    (row,) = of_drug["results"]
    assert row["key"] == "checkmate-067-five-years"
    assert row["cancer"] == {"slug": "melanoma", "name": "Melanoma"}
    assert row["arms"][1] == {
        "name": "nivolumab alone",
        "medicines": [{"slug": "nivolumab", "name": "Nivolumab"}],
        "people": 316,
    }
    assert row["outcomes"][0]["values"] == [52, 44, 26]
    assert {source["key"] for source in of_drug["sources"]} == set(row["sources"])
    assert client.get("/api/v1/results/?cancer=kidney-cancer").json()["count"] == 0
    assert client.get("/api/v1/drugs/nivolumab/").json()["results"] == [row]


# --- The form -----------------------------------------------------------------------------------------------


def typed(**changes: object) -> dict[str, object]:
    """What a coordinator types into an empty form."""
    values = {
        "key": "typed-1", "cancer": CancerType.objects.get(slug="melanoma").pk, "trial": "TYPED-1",
        "registry_id": "", "setting": "advanced", "randomized": "on", "people": "100", "analysis_on": "",
        "source": create_source().pk,
        "texts-TOTAL_FORMS": "1", "texts-INITIAL_FORMS": "0",
        "texts-0-language": "en", "texts-0-population": "People typed in", "texts-0-analysis": "First look",
        "arms-TOTAL_FORMS": "3", "arms-INITIAL_FORMS": "0",
        "arms-0-name": "nivolumab", "arms-0-medicines": "nivolumab", "arms-0-people": "50",
        "arms-1-name": "placebo", "arms-1-medicines": "", "arms-1-people": "50",
        "outcomes-TOTAL_FORMS": "3", "outcomes-INITIAL_FORMS": "0",
        "outcomes-0-kind": "benefit", "outcomes-0-what": "alive", "outcomes-0-when": "after 1 year",
        "outcomes-0-values": "60, 41.5",
        "outcomes-1-kind": "harm", "outcomes-1-what": "had a severe side effect", "outcomes-1-when": "in all",
        "outcomes-1-status": "not-read",
    }  # fmt: skip
    return {name: value for name, value in (values | changes).items() if value is not None}


def test_groups_and_outcomes_are_typed_in_rows(client, editor):
    client.force_login(editor)
    response = client.post("/admin/content/result/add/", typed())
    assert response.status_code == 302, response.context["errors"]
    row = Result.objects.get(key="typed-1")
    text = row.texts.get()
    assert text.arm_names == ["nivolumab", "placebo"]
    assert (text.outcome_whats, text.outcome_whens) == (
        ["alive", "had a severe side effect"],
        ["after 1 year", "in all"],
    )
    assert [outcome.values for outcome in row.outcomes.all()] == [[60, 41.5], []]
    page = client.get(f"/admin/content/result/{row.pk}/change/").content.decode()
    assert 'value="placebo"' in page
    assert 'value="60, 41.5"' in page
    assert '<figure class="result">' in page
    assert not row.drugs.exists()
    facts.approve_fact(row, by=editor, now=timezone.localdate())
    assert list(row.drugs.values_list("slug", flat=True)) == ["nivolumab"]
    assert "People typed in" in words_on("/drugs/nivolumab/")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"outcomes-1-kind": "benefit"}, "Give the harm in the same unit"),
        ({"outcomes-0-values": "60"}, "values: one number for each group."),
        ({"outcomes-0-values": "sixty"}, "Write numbers, with a comma between them"),
        ({"arms-0-medicines": "nivolumap"}, "There is no medicine &#x27;nivolumap&#x27;"),
        ({"outcomes-0-what": "cured"}, "needs a number of people"),
        ({"outcomes-0-what": ""}, "This field is required."),
        ({"texts-0-population": ""}, "Say in English who was in it."),
    ],
)
def test_form_refuses_what_files_refuse(client, editor, changes, message):
    client.force_login(editor)
    response = client.post("/admin/content/result/add/", typed(**changes))
    assert response.status_code == 200
    assert message in response.content.decode()
    assert not Result.objects.filter(key="typed-1").exists()


def test_proposal_starts_as_the_approved_row_and_keeps_its_order(client, editor):
    row = Result.objects.approved().get(key="checkmate-067-five-years")
    draft = row.propose(by=editor)
    assert [arm.people for arm in draft.arms.all()] == [314, 316, 315]
    assert [outcome.kind for outcome in draft.outcomes.all()] == ["benefit", "harm"]
    assert Drug.objects.filter(results=row).count() == 2
    facts.approve_fact(draft, by=editor, now=timezone.localdate())
    assert results_on("/cancers/melanoma/").count(FIRST) == 1
