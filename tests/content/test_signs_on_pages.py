"""One list of signs: whatever page a reader opens says the same of the same sign to the same treatment group."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from types import SimpleNamespace

import pytest
from cms.models import PageContent
from cms.utils.plugins import get_bound_plugins
from django.test import Client

from content import directory
from content.models import (
    CancerTypeContent,
    DrugContent,
    EntryContent,
    Indication,
    Result,
    SideEffectContent,
    Sign,
    TherapyClassContent,
    TreatmentGroup,
    content_models,
)
from content.models.block import CareCardBlock
from content.models.cancer_type import ANY_SOLID_TUMOR, is_solid
from content.models.treatment_group import ADDED
from content.page import facts_shown, pointers, unchecked
from content.page.signs_shown import LEVELS
from content.text import prose
from immuno_site import page_cache
from tests.cards import about, level_for, level_of_most, told_on
from tests.factories import new_draft
from tests.stocks import both

pytestmark = [pytest.mark.django_db]

EMERGENCY = Sign.Level.EMERGENCY
NOT_OF_PARTNERS = ADDED | {TreatmentGroup.OTHER}
# Address, the groups that read it, those that may come on top, the signs it must name.
Claim = tuple[str, set[str], set[str], list[Sign]]


def all_signs() -> list[Sign]:
    return list(Sign.objects.approved().with_parts())


def for_people_with(medicines: set[str], signs: list[Sign]) -> list[Sign]:
    """Without those of other medicines alone, and of a cancer."""
    return [
        sign
        for sign in signs
        if (not sign.medicines or medicines & {*sign.medicines})
        and (sign.side_effects or {*sign.urgency} != {TreatmentGroup.OTHER})
    ]


def entries() -> Iterator[Claim]:
    everything = all_signs()
    together = regimens()
    for model in content_models().values():
        for content in model.objects.in_language("en"):
            address = content.get_absolute_url()
            match content:
                case DrugContent() | TherapyClassContent():
                    is_drug = isinstance(content, DrugContent)
                    slugs = {content.entry.slug} if is_drug else directory.medicines_of(content)
                    partners = given_with(slugs, together)
                    groups = set(directory.groups_of(content))
                    # A partner's chemotherapy belongs to its other regimens.
                    on_top = directory.groups_of_medicines(partners, "en") - groups - NOT_OF_PARTNERS
                    yield (
                        address,
                        groups | on_top,
                        on_top | ADDED,
                        for_people_with(slugs | partners, everything),
                    )
                case CancerTypeContent():
                    slugs = medicines_for(content)
                    groups = directory.groups_of_medicines(slugs, "en")
                    if "ctla-4" not in directory.by_first_group(slugs, "en"):
                        groups.discard("ctla-4")
                    yield address, groups, {*ADDED}, for_people_with(slugs, everything)
                case SideEffectContent():
                    signs = [sign for sign in everything if is_told_of(sign, content)]
                    yield address, set(TreatmentGroup.values), {*ADDED}, signs


def is_told_of(sign: Sign, content: SideEffectContent) -> bool:
    return content.entry.slug in sign.side_effects or sign.key in content.signs


def regimens() -> list[set[str]]:
    """What is approved now, each with the medicines given together."""
    uses = Indication.objects.approved().with_everything()
    return [{*use.drugs} for use in uses if use.is_current]


def given_with(slugs: set[str], together: list[set[str]]) -> set[str]:
    return {slug for regimen in together if regimen & slugs for slug in regimen} - slugs


def medicines_for(content: EntryContent) -> set[str]:
    """Those for any solid tumor where the page names them: most have nothing to do with most cancers."""
    named = {slug for text in content.markdown for kind, slug in prose.entry_links(text) if kind == "drug"}
    for_any = medicines_of_uses(ANY_SOLID_TUMOR) & named if is_solid(content.entry.slug) else set()
    return medicines_of_uses(content.entry.slug) | for_any


def medicines_of_uses(cancer: str) -> set[str]:
    uses = Indication.objects.approved().filter(cancer__slug=cancer).with_everything()
    named = {key for use in uses if use.is_current for key in use.subjects}
    return {slug for kind, slug in named if kind == "drug"}


def stories() -> Iterator[Claim]:
    for content in PageContent.objects.filter(language="en"):
        for placeholder in content.placeholders.all():
            for block in get_bound_plugins(placeholder.get_plugins("en")):
                if isinstance(block, CareCardBlock) and not block.is_own:
                    signs = all_signs()
                    if not block.groups:
                        signs = [*filter(is_everybodys, signs)]
                    groups = set(block.groups or TreatmentGroup.values)
                    yield content.get_absolute_url("en"), groups, {*ADDED}, signs


def is_everybodys(sign: Sign) -> bool:
    """Of those that any other treatment alone has, nobody would know who is meant."""
    is_of_all = sign.urgency.get("other") == EMERGENCY and set(sign.urgency) != {"other"}
    return sign.without_treatment or is_of_all


def wrong(client: Client, claims: Iterable[Claim]) -> Iterator[str]:
    for address, groups, on_top, signs in claims:
        page = told_on(client.get(address).content.decode())
        for sign in signs:
            told = about(sign, page)
            lines = {(line.level, line.text) for line in told}
            if len(lines) > len({level for level, _text in lines}):
                yield f"{address}: {sign.key} stands here as {lines}"
            for group in groups & set(sign.urgency):
                level, said = needed(group, groups, on_top, sign), level_for(group, told)
                if said != level and not is_as_strict(group, said, level, level_of_most(told), on_top):
                    yield f"{address}: {sign.key} is {level} for {group}, the page says {said}"


def is_as_strict(group: str, said: str | None, level: str, of_most: str | None, on_top: set[str]) -> bool:
    """Never milder. What comes on top may be told the stricter level that all are, and so may any other treatment,
    which no sentence names."""
    is_stricter = said is not None and LEVELS.index(said) < LEVELS.index(level)
    return is_stricter and (group == TreatmentGroup.OTHER or (group in on_top and said == of_most))


def needed(group: str, groups: set[str], on_top: set[str], sign: Sign) -> str:
    """Chemotherapy, or a partner, comes on top of another treatment: what holds for all who read the page holds with
    it too."""
    level = sign.urgency[group]
    if group not in on_top or groups == {*TreatmentGroup.values} or groups - on_top - {*sign.urgency}:
        return level
    of_others = [sign.urgency[one] for one in groups - on_top if one in sign.urgency]
    return min(level, max(of_others, key=LEVELS.index, default=level), key=LEVELS.index)


@both
def test_every_entry_says_of_each_sign_what_the_list_says_for_its_readers(library, client):
    claims = {
        (address.split("/")[1], frozenset(groups), tuple(sign.key for sign in signs)): (
            address,
            groups,
            on_top,
            signs,
        )
        for address, groups, on_top, signs in entries()
    }  # one page of each kind that has the same readers
    assert len(claims) >= 4
    assert list(wrong(client, claims.values())) == []


@both
def test_every_story_page_with_a_care_card_says_the_same(library, client):
    claims = [claim for claim in stories() if not claim[0].startswith("/list-")]
    assert claims
    assert list(wrong(client, claims)) == []


def test_no_page_types_again_what_is_on_the_list():
    """Of the real library tests/stock holds it: some of its medicines have signs of their own."""
    own = [
        (content, line)
        for model in (DrugContent, TherapyClassContent)
        for content in model.objects.in_language("en")
        for lines in content.act.values()
        for line in lines
    ]
    assert own == []


def test_gravest_signs_stand_at_the_top_and_all_of_them_once_before_the_questions(client):
    page = client.get("/drugs/pembrolizumab/").content.decode()
    top, rest = page.split('class="act-note"')[0].split("dial-others")[1], page.split('id="all-signs"')[1]
    emergency, same_day = top.split("care-same_day")
    # Five, and fever, which is the gravest with chemotherapy.
    assert (emergency.count("<li>"), same_day.count("<li>")) == (6, 4)
    assert "<details" not in top
    assert emergency.index("You get out of breath") < emergency.index("Chest pain") < emergency.index("38 °C")
    assert page.index("tel:112") < page.index("You get out of breath")
    whole, after = rest.split("</section>", 1)
    assert 'id="questions"' in after
    # Paper does not say them twice.
    above = re.findall(r'<li class="screen-only">(.*?)</li>', whole, re.DOTALL)
    assert above == re.findall(r"<li>(.*?)</li>", top, re.DOTALL)
    assert f'<a class="action-link" href="#all-signs">All {whole.count("<li")} signs' in top
    assert whole.count("You get out of breath") == 1
    assert "care-card" not in after


def test_signs_of_the_cancer_itself_stand_first_and_once():
    content = CancerTypeContent.objects.in_language("en").get(entry__slug="melanoma")
    known = facts_shown.signs_of(content, ()).emergency
    last = next(line for line in reversed(known) if "other" in line.sign.urgency)
    content.signs = [last.key]
    card = facts_shown.signs_of(content, ())
    first = card.gravest[0]
    assert (first.key, first.for_whom, first.level) == (last.key, "", EMERGENCY)
    assert [line.key for line in card.lines].count(last.key) == 1
    assert len(card.emergency) == len(known)


def test_box_of_a_cancer_says_whom_the_signs_of_its_treatments_are_for(client, editor):
    """Not of those of the cancer itself, which come first and hold for everybody."""
    for_whom = "Above all if you have or had immunotherapy:"
    box = emergency_box(client, "/cancers/melanoma/")
    assert box.index(for_whom) < box.index("<li>")
    assert for_whom not in emergency_box(client, "/drugs/pembrolizumab/")
    assert for_whom not in emergency_box(client, "/side-effects/lung-inflammation/")
    content = CancerTypeContent.objects.in_language("en").get(entry__slug="melanoma")
    new_draft(content.versions.get(), by=editor, signs=["chest-pain"]).publish(editor)
    page_cache.generation.start_new()
    box = emergency_box(client, "/cancers/melanoma/")
    assert box.index("Chest pain") < box.index(for_whom) < box.index("You get out of breath")


def emergency_box(client: Client, path: str) -> str:
    page = client.get(path).content.decode()
    return page.split("dial-others")[1].split("care-sources")[0]


def test_cancer_names_the_side_effects_that_the_pages_of_its_medicines_tell_of():
    cancer = CancerTypeContent.objects.in_language("en").get(entry__slug="melanoma")
    uses = [fact for fact in facts_shown.facts_of(cancer) if isinstance(fact, Indication)]
    (medicine, *_others) = DrugContent.objects.in_language("en").filter(entry__slug="pembrolizumab")
    medicine.links.get_or_create(kind="side-effect", slug="fatigue")
    assert "fatigue" in facts_shown.side_effects_to_know(cancer, uses)
    assert facts_shown.side_effects_to_know(cancer, ()) == set()


def test_page_about_a_side_effect_has_its_signs_at_the_top_alone(client):
    page = client.get("/side-effects/lung-inflammation/").content.decode()
    assert 'id="all-signs"' not in page
    assert page.index("A new cough") < page.index("How to recognize it</h2>")


def test_sources_of_a_card_stand_once_at_its_foot(client):
    page = client.get("/drugs/pembrolizumab/").content.decode()
    cards = page.split('class="care-card')[1:]
    feet = [foot for card in cards for foot in card.split('class="care-sources"')[1:]]
    assert len(feet) == len(cards) == 5
    lines = [card.split('class="care-sources"')[0] for card in cards]
    assert re.findall(r"<li>[^\n]*cite", "".join(lines)) == []
    for foot in feet:
        (numbers,) = re.findall(r'data-n="([\d, ]+)"', foot.split("</p>")[0])
        assert f'<span class="care-numbers">{numbers}</span>' in foot  # as words, for paper
        each = numbers.split(", ")
        assert each == sorted(set(each), key=int)
        assert all(f'id="source-{number}"' in page for number in each)


def test_sign_stands_in_each_box_for_those_who_must_act_so_fast(client):
    page = client.get("/drugs/pembrolizumab/").content.decode()
    fever = "<li>A temperature of 38 °C (100.4 °F) or more"
    emergency, same_day = page.split('class="act-note"')[0].split("care-same_day")
    assert f"{fever}, <strong>if you also have chemotherapy</strong>: " in emergency
    (line,) = (line for line in same_day.split("</li>") if fever in line)
    assert (
        line.strip() == f'{fever} <span class="sign-note">An emergency if you also have chemotherapy</span>'
    )
    assert not any(line.count("Call your team today") for line in emergency.split("<li>")[1:])


def test_sign_taken_off_leaves_every_page(client, editor, django_capture_on_commit_callbacks):
    sign = Sign.objects.approved().filter(key="chest-pain")
    assert "Chest pain, or a tight" in client.get("/drugs/pembrolizumab/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        sign.retire(by=editor, reason="It was wrong.", now=sign.get().approved_on)
    for address in (
        "/drugs/pembrolizumab/",
        "/side-effects/fatigue/",
        "/cancers/melanoma/",
        "/search/?q=chest",
    ):
        assert "Chest pain, or a tight" not in client.get(address).content.decode()


def test_signs_and_results_nobody_has_checked_are_named_as_such():
    unread = [*Sign.objects.approved()[:2], *Result.objects.approved()[:1]]
    assert unchecked.named(unread) == ["1 result of a trial", "2 signs"]


@pytest.mark.parametrize(
    ("words", "told", "said"),
    [
        ("alone: see 'dry hands'", {"dry-hands": "Dry hands"}, "alone: see “Dry hands”"),
        ("alone: see 'dry hands'", {}, "alone: tell your team at the next visit"),
        ("see also 'fits'", {}, "fits: it is an emergency"),
        ("see also 'fits'", {"fits-or-faints": "A fit"}, "see “A fit”"),
        ("see 'something unknown'", {}, "see 'something unknown'"),
        ("once, see your team", {}, "once, see your team"),
    ],
)
def test_pointer_leads_to_a_line_of_the_page_or_says_how_fast_to_act(words, told, said, monkeypatch):
    """Of the levels of a sign that the page lacks, the strictest: nobody knows there which is the reader's."""
    signs = [
        SimpleNamespace(key="dry-hands", urgency={"bispecific": "next_visit"}),
        SimpleNamespace(key="fits-or-faints", urgency={"bcg": "same_day", "car-t": "emergency"}),
    ]
    monkeypatch.setattr(pointers, "all_signs", lambda: signs)
    assert pointers.followed(words, told) == said


def test_no_page_points_to_a_line_that_it_lacks(client):
    for path in ("/drugs/nivolumab/", "/side-effects/lung-inflammation/", "/therapies/pd-1-inhibitors/"):
        lines = [told.text for told in told_on(client.get(path).content.decode())]
        assert lines
        assert not [line for line in lines if "see '" in line]
