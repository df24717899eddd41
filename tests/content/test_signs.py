"""Urgent signs: one list for every card, by how fast each treatment group must act."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from content.models import DrugContent, Fact, LayWords, SearchDocument, SideEffectContent, Sign, TherapyClass
from content.page import care_cards, signs_shown
from content.page.signs_shown import OF_ANY_TREATMENT, WITHOUT_TREATMENT, SignLine, card, readers
from content.renaming import rename
from content.review import facts
from content.search import index
from content.search.find import find
from content.search.index import Asked
from content.search.words import terms
from content.stock import files, importing, sign_table
from tests.content.changed_library import change, run
from tests.factories import create_page

pytestmark = pytest.mark.django_db

LUNGS = "signs/lungs.toml"


@pytest.fixture
def editor_client(editor: User) -> Client:
    client = Client()
    client.force_login(editor)
    return client


WITH_CHEMOTHERAPY = ["checkpoint-inhibitor", "with-chemotherapy"]


def lines(key: str, shown: signs_shown.Card) -> list[tuple[str, tuple[str, ...]]]:
    """How urgent, and for whom. A sign stands once at a level."""
    return [(line.level, line.groups) for line in shown.lines if line.key == key]


def line(key: str, shown: signs_shown.Card) -> SignLine:
    """At its strictest."""
    return next(one for one in shown.lines if one.key == key)


def line_below(key: str, shown: signs_shown.Card) -> SignLine:
    """At its mildest."""
    _strictest, *_others, found = (one for one in shown.lines if one.key == key)
    return found


# --- Who must act how fast


def test_stricter_line_names_its_group_and_the_milder_stands_for_the_others():
    shown = card(readers(WITH_CHEMOTHERAPY))
    assert lines("fever-38", shown) == [("emergency", ("with-chemotherapy",)), ("same_day", ())]
    assert line("fever-38", shown).for_whom == "if you also have chemotherapy"
    assert line_below("fever-38", shown).notes == ("An emergency if you also have chemotherapy",)


def test_partner_in_a_regimen_adds_its_group_as_chemotherapy_does():
    alone = card(readers(["checkpoint-inhibitor"]))
    assert lines("fever-38", alone) == [("same_day", ())]
    shown = card(readers(WITH_CHEMOTHERAPY, beside=["antibody-drug-conjugate"]))
    assert line("fever-38", shown).level == "emergency"
    assert line("fever-38", shown).for_whom == (
        "if you also have an antibody that carries a cancer drug or chemotherapy"
    )
    assert [one.key for one in shown.gravest].count("fever-38") == 1


def test_partner_without_a_page_of_its_own_is_named_too():
    shown = card(readers(["checkpoint-inhibitor"], beside=["antibody-drug-conjugate", "car-t"]))
    known = {one.noun: one.url for one in care_cards.partners_of(shown, "en")}
    assert known == {"an antibody that carries a cancer drug": "#all-signs", "CAR T-cells": "#all-signs"}


def test_stricter_level_counts_where_everybody_has_both():
    shown = card(readers(WITH_CHEMOTHERAPY, at_once=True))
    assert lines("fever-38", shown) == [("emergency", ())]


def test_group_that_is_stricter_is_named_among_several_kinds_of_readers():
    shown = card(readers(["checkpoint-inhibitor", "ctla-4"]))
    assert lines("diarrhea-4-to-6", shown) == [("emergency", ("ctla-4",)), ("same_day", ())]
    assert line_below("diarrhea-4-to-6", shown).notes == ("An emergency with ipilimumab or tremelimumab",)


def test_who_may_wait_is_named_where_they_are_few():
    shown = card(readers(["checkpoint-inhibitor", "car-t", "bcg", "interferon"]))
    few = line_below("shaking-chills", shown)
    assert (few.level, few.for_whom) == ("same_day", "with interferon")
    assert few.graver == ("An emergency with a checkpoint inhibitor, after CAR T-cells or after BCG",)


def test_sign_of_one_group_alone_names_it():
    shown = card(readers(["bcg", "checkpoint-inhibitor"]))
    assert lines("fever-38-5-after-bcg", shown) == [("emergency", ("bcg",))]


def test_unknown_group_is_any_group():
    assert readers([]) == OF_ANY_TREATMENT
    assert lines("fever-38", card(OF_ANY_TREATMENT)) == [("emergency", ())]


def test_emergency_in_every_group_is_one_for_any_other_treatment():
    shown = card(readers(["other"]))
    assert lines("chest-pain", shown) == [("emergency", ())]
    assert not shown.same_day


def test_page_about_no_treatment_has_what_everybody_must_know():
    shown = card(WITHOUT_TREATMENT)
    assert lines("chest-pain", shown) == [("emergency", ())]
    assert not lines("new-cough", shown)
    assert {one.qualifier for one in shown.emergency} == {""}


def test_most_are_told_an_emergency_and_the_few_who_may_wait_are_named():
    shown = card(WITHOUT_TREATMENT)
    may_wait = "your only treatment is a checkpoint inhibitor, BCG, a virus put into the tumor or interferon"
    assert lines("fever-38", shown)[0] == ("emergency", ())
    assert line("fever-38", shown).for_whom == f"unless {may_wait}"
    assert line_below("fever-38", shown).for_whom == f"if {may_wait}"


@pytest.mark.parametrize("language", ["he", "ar", "ru"])
def test_whom_a_line_is_for_is_said_in_every_language(language):
    english = card(WITHOUT_TREATMENT).lines + card(readers(WITH_CHEMOTHERAPY)).lines
    with override(language):
        told = card(WITHOUT_TREATMENT, language).lines + card(readers(WITH_CHEMOTHERAPY), language).lines
    assert [line.key for line in told] == [line.key for line in english]
    for ours, theirs in zip(told, english, strict=True):
        assert {ours.for_whom, *ours.graver}.isdisjoint({theirs.for_whom, *theirs.graver} - {""}), ours.key


def test_gravest_of_a_group_come_first():
    shown = card(readers(["car-t"]))
    assert [one.key for one in shown.gravest[:2]] == ["fever-38", "confusion"]
    assert shown.emergency[: len(shown.gravest)] == shown.gravest


def test_medicine_names_the_signs_that_come_first_on_its_cards():
    content = DrugContent.objects.in_language("en").get(entry__slug="pembrolizumab")
    content.signs = ["drooping-eyelids", "confusion", "sudden-tiredness"]
    shown = signs_shown.card_of(content)
    assert [one.key for one in shown.gravest[:3]] == ["drooping-eyelids", "confusion", "new-breathlessness"]
    assert shown.same_day[0].key == "sudden-tiredness"
    assert "drooping-eyelids" not in {
        one.key for one in signs_shown.card(signs_shown.readers_of(content)).gravest
    }


def test_side_effect_names_which_of_its_signs_come_first():
    first = [one.key for one in signs_shown.signs_of_side_effect("heart-inflammation").emergency]
    last = [key for key in first if "heart-inflammation" in Sign.objects.get(key=key).side_effects][-1]
    shown = signs_shown.signs_of_side_effect("heart-inflammation", also=[last, "low-mood"])
    assert shown.emergency[0].key == last
    assert not shown.emergency[0].is_listed
    assert line("low-mood", shown).is_listed


def test_page_shows_as_many_of_the_gravest_as_it_names():
    shown = card(readers(["car-t"]))
    keys = [one.key for one in shown.emergency[:7]]
    assert [one.key for one in shown.led_by(keys).gravest] == keys


def test_group_is_called_by_the_medicines_that_its_readers_may_have():
    for slug in ("ipilimumab", "tremelimumab"):
        create_page(slug=slug, groups=["ctla-4"])
    of_one = card(readers(["checkpoint-inhibitor", "ctla-4"], medicines={"ipilimumab"}))
    of_both = card(readers(["checkpoint-inhibitor", "ctla-4"], medicines={"ipilimumab", "tremelimumab"}))
    assert line("diarrhea-4-to-6", of_one).for_whom == "with ipilimumab"
    assert line("diarrhea-4-to-6", of_both).for_whom == "with ipilimumab or tremelimumab"


def test_cells_that_are_no_car_t_cells_are_called_by_their_name():
    """Whoever had them would not look for themselves under CAR T-cells."""
    for slug, parent in (("tisagenlecleucel", "car-t-cell-therapy"), ("afamitresgene-autoleucel", "others")):
        therapy = TherapyClass.objects.get_or_create(slug=parent)[0]
        create_page(slug=slug, groups=["car-t"], therapy_class=therapy)

    def told(*medicines: str) -> str:
        return line(
            "fever-38", card(readers(["checkpoint-inhibitor", "car-t"], medicines={*medicines}))
        ).for_whom

    assert told("tisagenlecleucel") == "after CAR T-cells"
    assert told("afamitresgene-autoleucel") == "with afamitresgene autoleucel"
    both = told("tisagenlecleucel", "afamitresgene-autoleucel")
    assert both == "with CAR T-cells or afamitresgene autoleucel"


def test_sign_of_a_cancer_is_told_with_no_medicine():
    sign = Sign.objects.get(key="confusion")
    sign.side_effects, sign.held = [], {"other": ["emergency", None, False]}
    assert not list(signs_shown._lines(sign, readers(["other"], medicines={"bevacizumab"}), "en"))
    assert list(signs_shown._lines(sign, readers(["other"]), "en"))


def test_line_has_the_words_that_its_group_adds():
    assert line("new-breathlessness", card(readers(["car-t"]))).qualifier == "also with no fever"
    assert line("new-breathlessness", card(readers(["bcg"]))).qualifier == ""


def test_line_says_where_its_level_rests_on_judgement():
    shown = card(readers(["anti-cd20-or-cd38"]))
    assert not line("new-breathlessness", shown).by_judgement
    assert line("fever-38", shown).by_judgement


def test_medicine_has_the_groups_of_its_class_unless_it_has_its_own(editor):
    drug = DrugContent.objects.get(entry__slug="pembrolizumab")
    assert signs_shown.readers_of(drug).groups == ("checkpoint-inhibitor", "with-chemotherapy")
    drug.groups = ["bcg"]
    assert signs_shown.readers_of(drug).groups == ("bcg",)


def test_side_effect_has_the_signs_that_point_to_it():
    page = SideEffectContent.objects.get(entry__slug="lung-inflammation")
    keys = {one.key for one in signs_shown.card_of(page).lines}
    assert {"new-breathlessness", "new-cough"} <= keys
    assert "low-mood" not in keys


def test_all_signs_are_read_in_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        card(readers(WITH_CHEMOTHERAPY))


# --- Changed, approved, taken off


def test_sign_stands_on_the_pages_of_its_groups_and_side_effects():
    places = {place.url for place in facts.places_of(Sign.objects.get(key="new-breathlessness"))}
    assert {
        "/drugs/pembrolizumab/",
        "/therapies/pd-1-inhibitors/",
        "/side-effects/lung-inflammation/",
    } <= places
    assert "/cancers/melanoma/" in places
    after_bcg = facts.places_of(Sign.objects.get(key="fever-38-5-after-bcg"))
    assert "/drugs/pembrolizumab/" not in {place.url for place in after_bcg}


def test_approved_change_of_a_level_is_on_every_card(editor):
    old = Sign.objects.get(key="new-cough")
    draft = old.propose(by=editor)
    draft.levels.filter(group="car-t").update(level="emergency")
    assert lines("new-cough", card(readers(["car-t"]))) == [("same_day", ())]
    facts.approve_fact(draft, by=editor, now=timezone.localdate())
    assert lines("new-cough", card(readers(["car-t"]))) == [("emergency", ())]
    old.refresh_from_db()
    assert (old.state, old.urgency["car-t"]) == (Fact.State.RETIRED, "same_day")
    assert old.lay == draft.lay != []


def test_sign_without_a_group_is_not_approved(editor):
    draft = Sign.objects.get(key="new-cough").propose(by=editor)
    draft.levels.all().delete()
    with pytest.raises(facts.ApprovalRefused, match="for which treatment groups"):
        facts.approve_fact(draft, by=editor, now=timezone.localdate())


def test_sign_taken_off_leaves_every_card(editor):
    facts.retire_fact(
        Sign.objects.get(key="new-cough"), by=editor, reason="It was wrong.", now=timezone.localdate()
    )
    assert not lines("new-cough", card(readers(["car-t"])))


def test_sign_points_to_a_side_effect_under_its_new_address():
    rename("side-effect", "lung-inflammation", "inflamed-lungs")
    assert "inflamed-lungs" in Sign.objects.get(key="new-cough").side_effects
    page = SideEffectContent.objects.get(entry__slug="inflamed-lungs")
    assert line("new-cough", signs_shown.card_of(page))


def test_sign_of_a_medicine_stays_its_own_under_its_new_address():
    Sign.objects.filter(key="new-cough").update(medicines=["ipilimumab", "nivolumab"])
    rename("drug", "nivolumab", "nivolumab-iv")
    assert Sign.objects.get(key="new-cough").medicines == ["ipilimumab", "nivolumab-iv"]


# --- Lay words


def test_changed_lay_words_of_a_file_leave_the_sign_as_it_is(folder: Path, capsys):
    before = Sign.objects.get(key="new-cough").pk
    change(folder, LUNGS, '"coughing"', '"barking like a seal"')
    assert "1 updated" in run(folder, capsys)
    assert Sign.objects.get(key="new-cough", state="approved").pk == before
    assert ("side-effect", "/side-effects/lung-inflammation/") in [
        (row.kind, row.url) for row in find("barking like a seal", language="en")
    ]
    # As the words of the page, too: not only by the sign that leads to it.
    document = SearchDocument.objects.get(kind="side-effect", slug="lung-inflammation", language="en")
    assert document.pk in index.match(Asked(terms("barking seal"), "en"), "text")
    assert "0 updated" in run(folder, capsys)


def test_lay_words_changed_by_an_editor_are_kept_and_logged(folder: Path, capsys, editor_client: Client):
    row = LayWords.objects.get(key="new-cough")
    address = f"/admin/content/laywords/{row.pk}/change/"
    response = editor_client.post(address, {"words": "hacking cough\nbarking like a seal"})
    assert response.status_code == 302
    assert LogEntry.objects.filter(object_id=str(row.pk), content_type__model="laywords").exists()
    assert find("barking like a seal", language="en")
    change(folder, LUNGS, '"coughing"', '"tickle in the throat"')
    assert f"{LUNGS}" in run(folder, capsys)
    row.refresh_from_db()
    assert row.words == ["hacking cough", "barking like a seal"]


def test_lay_words_deleted_from_the_list_lead_nowhere(editor_client: Client):
    row = LayWords.objects.get(key="new-cough")
    editor_client.post(f"/admin/content/laywords/{row.pk}/change/", {"words": "tusseling"})
    assert find("tusseling", language="en")
    chosen = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    assert editor_client.post("/admin/content/laywords/", chosen).status_code == 302
    assert not LayWords.objects.filter(pk=row.pk).exists()
    assert not find("tusseling", language="en")


def test_lay_words_stand_in_a_sign_once(editor_client: Client):
    row = LayWords.objects.get(key="new-cough")
    response = editor_client.post(f"/admin/content/laywords/{row.pk}/change/", {"words": "Cough\ncough"})
    assert "cough stands here twice." in response.content.decode()


# --- Files: one clear line for what is wrong

SIGN = """\
[[sign]]
key = "test-sign"
words = "Something new"
lay = ["new thing"]
urgency = { car-t = "emergency", bcg = "same_day" }
gravest = { car-t = 3 }
qualifiers = { bcg = "after a dose" }
sources = ["fda-keytruda-label"]
"""


@pytest.mark.parametrize(
    ("old", "new", "at", "sentence"),
    [
        ('urgency = { car-t = "emergency", bcg = "same_day" }\ngravest = { car-t = 3 }\n'
         'qualifiers = { bcg = "after a dose" }\n', "", 1, "Say for which treatment groups this sign is how urgent"),
        ("car-t = \"emergency\"", "cart = \"emergency\"", 5, "urgency: 'cart' is not one of: all, checkpoint-"),
        ('"same_day"', '"soon"', 5, "urgency: bcg: 'soon' is not one of: emergency, same_day, next_visit."),
        ("gravest = { car-t = 3 }", "gravest = { car-t = true }", 6, "car-t: write a whole number"),
        ("gravest = { car-t = 3 }", "gravest = { ctla-4 = 2 }", 6, "gravest names 'ctla-4', for which"),
        ("gravest = { car-t = 3 }", "gravest = { car-t = 6 }", 6, "The gravest of a group are number 1 to 5."),
        ('bcg = "same_day" }\ngravest = { car-t = 3 }', 'bcg = "next_visit" }\ngravest = { bcg = 4 }', 6,
         "What may wait for a visit has no rank: not in bcg."),
        ('"after a dose" }', '"call within days, at night too" }', 7,
         "bcg: take 'within days' out: the level says how fast to act. What is more urgent is a sign"),
        ('{ bcg = "after a dose" }', '{ cytokine = "x" }', 7, "qualifiers: 'cytokine' is not one of"),
        ('urgency = { car-t = "emergency", bcg = "same_day" }', 'urgency = { all = "emergency" }', 5,
         'An emergency in every group is one for everybody: add other = "emergency".'),
        ('lay = ["new thing"]', 'lay = ["new thing", "New thing"]', 4, "'New thing' stands in the lay words twice."),
        ('lay = ["new thing"]\n', 'lay = ["new thing"]\nside_effects = ["no-such"]\n', 5,
         "There is no side-effect 'no-such'"),
        ('lay = ["new thing"]\n', 'lay = ["new thing"]\nmedicines = ["no-such"]\n', 5, "There is no drug 'no-such'"),
        ('["fda-keytruda-label"]', "[]", 8, "Fill in the field 'sources'."),
        ('["fda-keytruda-label"]', '["fda-no-such"]', 8, "There is no source 'fda-no-such'"),
        ("words = \"Something new\"", "words = \"A miracle\"", 3, "miracle"),
    ],
)  # fmt: skip
def test_wrong_sign_gets_one_line(folder: Path, old: str, new: str, at: int, sentence: str):
    assert old in SIGN
    (folder / "signs" / "eyes.toml").write_text(SIGN.replace(old, new), encoding="utf-8")
    found = [one for one in files.findings(files.read(folder)) if one.level == "block"]
    assert [(one.where, one.line) for one in found if one.rule != "canonical"] == [("signs/eyes.toml", at)]
    assert sentence in found[0].message


def test_table_of_signs_by_treatment_group(folder: Path):
    head, *rows = sign_table.lines(files.read(folder))
    (fever,) = [row for row in rows if row.startswith("fever-38 ")]
    cells = dict(zip(head.split()[1:], fever.split()[1:], strict=False))
    assert (cells["PD1"], cells["CAR"], cells["CHE"]) == ("S3", "E1", "E1")


def test_key_names_one_sign_of_the_library(folder: Path):
    (folder / "signs" / "eyes.toml").write_text(SIGN.replace("test-sign", "new-cough"), encoding="utf-8")
    (found,) = [one for one in files.findings(files.read(folder)) if one.level == "block"]
    assert (found.where, found.message.partition(":")[0]) == (
        LUNGS,
        "The sign 'new-cough' stands here already",
    )


def test_rank_stands_once_in_a_group(folder: Path):
    text = SIGN + "\n" + SIGN.replace("test-sign", "test-twin")
    (folder / "signs" / "eyes.toml").write_text(text, encoding="utf-8")
    found = [one for one in files.findings(files.read(folder)) if one.level == "block"]
    messages = [(one.line, one.message) for one in found]
    assert (15, "'test-sign' is number 3 in car-t already: each rank once on a card.") in messages


def test_file_of_signs_is_named_after_a_part_of_the_body(folder: Path):
    (folder / "signs" / "elbow.toml").write_text(SIGN, encoding="utf-8")
    found = [one.message for one in files.findings(files.read(folder)) if one.level == "block"]
    assert any("The file is named after its body_part, one of: skin" in message for message in found)


def test_changed_sign_has_all_texts_checked_again(folder: Path, capsys):
    """A card that was good may be too mild now."""
    run(folder, capsys)
    change(folder, LUNGS, '"coughing"', '"tickle in the throat"')
    library, _settled, _stands = importing.read(folder)
    assert not library.outlines


# --- Admin and open data


def test_list_is_a_matrix_of_groups(editor_client: Client):
    text = editor_client.get("/admin/content/sign/").content.decode()
    assert (
        'title="CAR T-cells, or similar T cells: Emergency: call the emergency number (1)">E1</span>' in text
    )
    filtered = editor_client.get("/admin/content/sign/?group=bcg&urgency=same_day").content.decode()
    assert "A new cough" in filtered
    assert "Chest pain" not in filtered


def test_change_form_shows_the_matrix_and_the_lay_words(editor_client: Client):
    sign = Sign.objects.get(key="fever-38")
    text = editor_client.get(f"/admin/content/sign/{sign.pk}/change/").content.decode()
    assert "sign-matrix" in text
    assert "Edit lay words" in text


def test_new_sign_is_written_in_the_form(editor_client: Client):
    source = Sign.objects.first().source
    data = {
        "key": "hiccups", "body_part": "gut", "side_effects": "", "source": source.pk,
        "texts-TOTAL_FORMS": "1", "texts-INITIAL_FORMS": "0", "texts-0-language": "en",
        "texts-0-words": "Hiccups that do not stop", "texts-0-qualifiers": "bcg: after a dose",
        "levels-TOTAL_FORMS": "1", "levels-INITIAL_FORMS": "0", "levels-0-group": "bcg",
        "levels-0-level": "same_day",
    }  # fmt: skip
    wrong = editor_client.post("/admin/content/sign/add/", data | {"levels-TOTAL_FORMS": "0"})
    assert "Say for which treatment groups" in wrong.content.decode()
    unknown = editor_client.post(
        "/admin/content/sign/add/", data | {"side_effects": "no-such", "medicines": "no-one"}
    )
    assert "There is no side effect &#x27;no-such&#x27;" in unknown.content.decode()
    assert "There is no medicine &#x27;no-one&#x27;" in unknown.content.decode()
    twice = editor_client.post("/admin/content/sign/add/", data | {"key": "new-cough"})
    assert "stands here already" in twice.content.decode()
    response = editor_client.post("/admin/content/sign/add/", data)
    assert response.status_code == 302, response.content.decode()
    draft = Sign.objects.get(key="hiccups")
    assert draft.texts.get().qualifiers == {"bcg": "after a dose"}
    assert draft.levels.get().level == "same_day"


def test_signs_are_open_data(client):
    data = json.loads(client.get("/api/v1/signs/").content)
    assert data["count"] == Sign.objects.approved().count()
    one = json.loads(client.get("/api/v1/signs/fever-38/").content)
    assert one["urgency"]["car-t"] == "emergency"
    assert one["gravest"]["car-t"] == 1
    assert one["qualifiers"]["car-t"].startswith("even once")
    assert "high temperature" in one["lay"]
    assert client.get("/api/v1/signs/no-such/").status_code == 404


def test_act_of_a_medicine_is_the_list(client):
    act = json.loads(client.get("/api/v1/drugs/pembrolizumab/").content)["act"]
    assert any(
        said.startswith("A temperature of 38 °C (100.4 °F) or more, if you also") for said in act["emergency"]
    )
    assert any(said.startswith("A new cough") for said in act["same_day"])
