"""Many texts at once: found, replaced, dated, published, undone; and where something is used."""

from __future__ import annotations

import datetime
import re

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from content import roles
from content.admin.together import token_of, wholes_of
from content.models import (
    BulkChange,
    Drug,
    DrugContent,
    Indication,
    ProseBlock,
    Source,
)
from tests.factories import (
    create_draft,
    create_indication,
    create_page,
    create_source,
    create_term,
)
from tests.staff import create_staff
from tests.stories import create_story, publish

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)
MANY = "/admin/content/bulkchange/"


def person(role: str, name: str = "noa") -> User:
    (held,) = (known.permissions for known in roles.ROLES if known.name == role)
    return create_staff(name, *held)


@pytest.fixture
def writer() -> User:
    return person("Editor")


@pytest.fixture
def desk(writer: User) -> Client:
    client = Client()
    client.force_login(writer)
    return client


def tokens(page: str) -> list[str]:
    return re.findall(r'name="text" value="([\d-]+)"', page)


def names(page: str) -> list[str]:
    return re.findall(r"<bdi>([^<]+)</bdi></a>", page.partition('id="content"')[2])


def newest(name: str) -> DrugContent:
    return DrugContent.admin_manager.filter(name=name).current_content().get()


def replace_source(desk: Client, old: Source, new: Source) -> str:
    address = f"{MANY}source/{old.pk}/"
    ticked = tokens(desk.get(address).content.decode())
    answer = desk.post(address, {"text": ticked, "source": new.key, "note": "A newer label was read."})
    assert answer.status_code == 302, answer.content.decode()
    return answer.url


def undo_of(made: str) -> str:
    return made.removesuffix("change/") + "undo/"


# --- Where it is used


def test_source_names_every_text_fact_and_page_that_rests_on_it(desk: Client) -> None:
    source = create_source(key="only-here")
    create_page(slug="citeumab", name="Citeumab", unknowns="Little [@only-here].")
    create_page(slug="leafletumab", name="Leafletumab", leaflets=["only-here"])
    publish(create_story(slug="citing", text="Words [@only-here]."))
    create_indication(key="dated-by-it", approved_source="only-here")
    row = create_indication(key="beside-it", cancer="sarcoma")
    row.more_sources.add(source)
    create_term(slug="on-it", term="On it", source=source)
    page = desk.get(f"{MANY}source/{source.pk}/").content.decode()
    assert sorted(names(page)) == [
        "A story", "Citeumab", "Leafletumab", "On it", "beside-it", "dated-by-it",
    ]  # fmt: skip
    assert "6 texts rest on it" in page


def test_form_of_a_source_a_fact_and_an_entry_leads_to_where_it_is_used(desk: Client) -> None:
    use = create_indication(key="a-use")
    drug = Drug.objects.get(slug="testumab")
    create_page(slug="otherumab", name="Otherumab", unknowns="As [testumab](drug:testumab) [@test-label].")
    for form in (f"source/{use.source_id}", f"indication/{use.pk}", f"drug/{drug.pk}"):
        page = desk.get(f"/admin/content/{form}/change/").content.decode()
        (leads,) = re.findall(r'href="([^"]+)">Where it is used<', page)
        assert desk.get(leads).status_code == 200
    used = desk.get(f"/admin/content/drug/{drug.pk}/used/").content.decode()
    assert names(used) == ["Otherumab", "a-use"]


def test_term_names_texts_in_which_its_word_stands(desk: Client) -> None:
    term = create_term(term="leukapheresis")
    create_page(slug="cellumab", name="Cellumab", how_given="First leukapheresis [@test-label].")
    page = desk.get(f"/admin/content/glossaryterm/{term.pk}/used/").content.decode()
    assert names(page) == ["leukapheresis", "Cellumab"]  # its own place in the glossary, and the text


def test_drawings_are_listed_with_what_shows_them(desk: Client) -> None:
    assert "How a checkpoint inhibitor works" in desk.get(f"{MANY}drawings/").content.decode()


# --- Finding


def test_words_are_found_in_drafts_facts_and_pages(desk: Client) -> None:
    create_draft(slug="draftumab", name="Draftumab", act_same_day=["Zebrine stripes [@test-label]"])
    publish(create_story(slug="striped", text="Zebrine words [@test-label]."))
    create_indication(key="striped-use", condition="Zebrine cancer")
    page = desk.get(f"{MANY}find/", {"q": "zebrine"}).content.decode()
    assert sorted(names(page)) == ["A story", "Draftumab", "striped-use"]
    assert "<mark>Zebrine</mark> stripes" in page
    assert names(desk.get(f"{MANY}find/", {"q": "zebrine", "kind": "page"}).content.decode()) == ["A story"]
    assert names(desk.get(f"{MANY}find/", {"q": "stripes zebrine"}).content.decode()) == ["Draftumab"]
    assert names(desk.get(f"{MANY}find/", {"q": "stripes zebrine", "phrase": "1"}).content.decode()) == []


def test_words_of_other_scripts_are_found_in_lists_of_lines(desk: Client) -> None:
    create_draft(slug="ivrit", name="Ivrit", language="he", other_names=["\u05e9\u05dc\u05d5\u05dd"])
    create_draft(
        slug="russky", name="Russky", language="ru", summary="\u041b\u0435\u0447\u0435\u043d\u0438\u0435"
    )
    assert names(desk.get(f"{MANY}find/", {"q": "\u05e9\u05dc\u05d5\u05dd"}).content.decode()) == ["Ivrit"]
    asked = {"q": "\u043b\u0435\u0447\u0435\u043d\u0438\u0435"}
    assert names(desk.get(f"{MANY}find/", asked).content.decode()) == ["Russky"]


def test_what_is_no_question_finds_nothing_and_breaks_nothing(desk: Client) -> None:
    for asked in ("", " ", "\0", "%", "([*", "'\"<script>", "x" * 5000, "\U0001f600"):
        answer = desk.get(f"{MANY}find/", {"q": asked})
        assert answer.status_code == 200
        assert "<script>'" not in answer.content.decode()


# --- Replacing words


def test_replacement_that_does_not_fit_leaves_that_text_and_changes_the_others(desk: Client) -> None:
    create_page(slug="longumab", name="Longumab")
    create_page(slug="otherumab", name="Otherumab", unknowns="Not as longumab does [@test-label].")
    asked = {"q": "longumab", "by": "word " * 30 + "end", "note": "Longer."}
    preview = desk.post(f"{MANY}find/", asked).content.decode()
    answer = desk.post(f"{MANY}find/", asked | {"text": tokens(preview), "make": "1"}, follow=True)
    assert "Name would be longer than 120 letters." in answer.content.decode()
    assert newest("Longumab").versions.get().state == "published"
    assert "word end" in newest("Otherumab").unknowns


def test_words_are_replaced_in_drafts_that_readers_do_not_see(desk: Client, writer: User) -> None:
    create_page(
        slug="wordumab", name="Wordumab", unknowns="Dripline care. A dripline, not driplines [@test-label]."
    )
    create_indication(key="word-use", condition="After a dripline")
    create_source(key="dripline-label")
    publish(create_story(slug="worded", text="A dripline [@dripline-label] [@test-label]."))
    asked = {"q": "dripline", "by": "drip tube", "note": "One word for one thing."}
    preview = desk.post(f"{MANY}find/", asked).content.decode()
    assert "3 texts would change" in preview
    answer = desk.post(f"{MANY}find/", asked | {"text": tokens(preview), "make": "1"})
    change = BulkChange.objects.get()
    assert answer.url == f"{MANY}{change.pk}/change/"
    draft = newest("Wordumab")
    assert draft.unknowns == "Drip tube care. A drip tube, not driplines [@test-label]."
    assert (draft.change_note, draft.versions.get().state) == ("One word for one thing.", "draft")
    assert draft.versions.get().edits.get().user == writer
    assert "Dripline care" in DrugContent.objects.get(name="Wordumab").unknowns
    assert Indication.objects.drafts().get(key="word-use").text_in("en").condition == "After a drip tube"
    assert ProseBlock.objects.filter(body="A drip tube [@dripline-label] [@test-label].").count() == 1


def test_unticked_text_stays_as_it_is(desk: Client) -> None:
    create_page(slug="wordumab", name="Wordumab", unknowns="A dripline [@test-label].")
    create_page(slug="stayumab", name="Stayumab", unknowns="A dripline [@test-label].")
    asked = {"q": "dripline", "by": "drip", "note": "Shorter."}
    page = desk.post(f"{MANY}find/", asked).content.decode()
    found = dict(zip(names(page), tokens(page), strict=True))
    desk.post(f"{MANY}find/", asked | {"text": [found["Wordumab"]], "make": "1"})
    assert "dripline" not in newest("Wordumab").unknowns
    assert newest("Stayumab").versions.get().state == "published"


# --- Replacing a source


def test_source_is_replaced_in_texts_lists_and_facts(desk: Client) -> None:
    old, new = create_source(key="old-label"), create_source(key="new-label")
    create_page(
        slug="sourceumab", name="Sourceumab", unknowns="One [@old-label] [@new-label]. Two [@old-label].",
        act_emergency=["Breath [@old-label]"], leaflets=["old-label", "new-label"],
    )  # fmt: skip
    use = create_indication(key="sourced", source=old, approved_source="old-label")
    use.more_sources.add(new)
    change = BulkChange.objects.get(pk=re.findall(r"\d+", replace_source(desk, old, new))[0])
    draft = newest("Sourceumab")
    assert draft.unknowns == "One [@new-label]. Two [@new-label]."
    assert (draft.act_emergency, draft.leaflets) == (["Breath [@new-label]"], ["new-label"])
    fact = Indication.objects.drafts().get(key="sourced")
    assert (fact.source, fact.approved_source, list(fact.more_sources.all())) == (new, "new-label", [])
    assert str(change) == "Source old-label replaced by new-label"
    use.refresh_from_db()
    assert use.source == old  # readers see it until the draft is approved


def test_source_is_not_replaced_by_itself_or_nothing(desk: Client) -> None:
    old = create_source(key="old-label")
    create_page(slug="sourceumab", name="Sourceumab", unknowns="One [@old-label].")
    for source in (old.key, "", "no-such-source"):
        answer = desk.post(f"{MANY}source/{old.pk}/", {"source": source, "note": "x", "text": []})
        assert "errorlist" in answer.content.decode()
    new = create_source(key="new-label")
    answer = desk.post(f"{MANY}source/{old.pk}/", {"source": new.key, "note": "x"}, follow=True)
    assert "tick at least one text" in answer.content.decode()
    assert not BulkChange.objects.exists()


# --- Undoing


def test_all_of_it_can_be_undone(desk: Client, writer: User) -> None:
    old, new = create_source(key="old-label"), create_source(key="new-label")
    create_page(slug="publicumab", name="Publicumab", unknowns="One [@old-label].")
    create_draft(slug="draftumab", name="Draftumab", unknowns="One [@old-label].", change_note="")
    use = create_indication(key="sourced", approve=False)
    use.more_sources.add(old)
    where = replace_source(desk, old, new)
    assert list(use.more_sources.all()) == [new]
    desk.post(undo_of(where))
    assert newest("Publicumab").versions.get().state == "published"
    draft = newest("Draftumab")
    assert (draft.unknowns, draft.change_note) == ("One [@old-label].", "")
    assert list(use.more_sources.all()) == [old]
    assert BulkChange.objects.get().undone_at


def test_what_somebody_went_on_with_is_not_undone(desk: Client, writer: User) -> None:
    old, new = create_source(key="old-label"), create_source(key="new-label")
    for name in ("Workedumab", "Goneumab", "Publishedumab"):
        create_page(slug=name.lower(), name=name, unknowns="One [@old-label].")
    where = replace_source(desk, old, new)
    worked = newest("Workedumab")
    worked.unknowns += " More."
    worked.save()
    newest("Publishedumab").versions.get().publish(writer)
    said = desk.post(undo_of(where), follow=True).content.decode()
    assert "Workedumab: Somebody has worked on it since" in said
    assert "Publishedumab: It was published since" in said
    assert newest("Goneumab").versions.get().state == "published"
    assert newest("Workedumab").unknowns == "One [@new-label]. More."


# --- Dates and publishing


def test_next_check_is_set_for_many_from_a_list(desk: Client) -> None:
    due = timezone.localdate() + 90 * DAY
    pks = [create_page(slug=f"due-{n}", name=f"Due {n}").content.entry_id for n in range(3)]
    asked = desk.post(
        "/admin/content/drug/?language=en", {"action": "set_next_check", "_selected_action": pks}
    ).content.decode()
    assert sorted(names(asked)) == ["Due 0", "Due 1", "Due 2"]
    answer = desk.post(
        f"{MANY}next-check/", {"text": tokens(asked), "due": due, "read_today": "on", "note": "Same."}
    )
    rows = [newest(f"Due {n}") for n in range(3)]
    assert {(row.next_check_due, row.checked_on, row.change_note) for row in rows} == {
        (due, timezone.localdate(), "Same.")
    }
    page = desk.get(answer.url).content.decode()
    assert "Publish the 3 that are ready" in page
    desk.post(f"{MANY}publish/", {"text": tokens(page)})
    assert {newest(f"Due {n}").versions.get().state for n in range(3)} == {"published"}


def test_day_that_a_text_cannot_have_is_refused_for_that_text_alone(desk: Client) -> None:
    today = timezone.localdate()
    create_page(slug="old", name="Old", checked_on=today - 100 * DAY, next_check_due=today + DAY)
    create_page(slug="young", name="Young", checked_on=today, next_check_due=today + DAY)
    texts = [token_of(newest(name)) for name in ("Old", "Young")]
    said = desk.post(
        f"{MANY}next-check/", {"text": texts, "due": today + 100 * DAY, "note": "x"}, follow=True
    ).content.decode()
    assert "Old: It must be checked again within" in said
    assert newest("Young").next_check_due == today + 100 * DAY
    assert newest("Old").versions.get().state == "published"
    past = desk.post(f"{MANY}next-check/", {"text": texts, "due": today, "note": "x"}).content.decode()
    assert "Choose a day after today" in past
    assert len(tokens(past)) == 2  # nothing has to be ticked again


def test_only_what_may_go_public_is_published(desk: Client) -> None:
    ready = create_draft(slug="readyumab", name="Readyumab").content
    broken = create_draft(slug="brokenumab", name="Brokenumab", unknowns="No source").content
    said = desk.post(
        "/admin/content/drug/?language=en",
        {"action": "publish_ready", "_selected_action": [ready.entry_id, broken.entry_id]},
        follow=True,
    ).content.decode()
    assert "1 draft is public now" in said
    assert "Brokenumab: " in said
    assert newest("Brokenumab").versions.get().state == "draft"


def test_signature_is_asked_for_before_many_go_public(desk: Client, settings) -> None:
    settings.CLINICAL_REVIEW = "required"
    draft = create_draft(slug="unsigned", name="Unsigned").content
    desk.post(f"{MANY}publish/", {"text": [token_of(draft)]})
    assert newest("Unsigned").versions.get().state == "draft"


def test_several_facts_are_taken_off_for_one_reason(desk: Client) -> None:
    uses = [
        create_indication(key=f"use-{n}", cancer=cancer) for n, cancer in enumerate(("melanoma", "sarcoma"))
    ]
    chosen = {"action": "retire_these", "_selected_action": [use.pk for use in uses]}
    assert (
        "They go from their pages at once" in desk.post("/admin/content/indication/", chosen).content.decode()
    )
    assert "Say why" in desk.post("/admin/content/indication/", chosen | {"reason": ""}).content.decode()
    desk.post("/admin/content/indication/", chosen | {"reason": "They were entered twice."})
    assert set(Indication.objects.filter(key__startswith="use-").values_list("state", flat=True)) == {
        "retired"
    }


def test_sources_are_marked_as_read_together(desk: Client) -> None:
    source = create_source(key="read-again")
    Source.objects.filter(pk=source.pk).update(checked_on=datetime.date(2025, 1, 1))
    desk.post("/admin/content/source/", {"action": "read_again", "_selected_action": [source.pk]})
    source.refresh_from_db()
    assert source.checked_on == timezone.localdate()


# --- Renaming an entry


def test_entry_is_renamed_in_the_admin_after_a_look_at_what_changes(desk: Client) -> None:
    create_page(slug="oldumab", name="Oldumab")
    entry = Drug.objects.get(slug="oldumab")
    create_page(slug="linkumab", name="Linkumab", unknowns="See [it](drug:oldumab) [@test-label].")
    address = f"/admin/content/drug/{entry.pk}/rename/"
    form = desk.get(f"/admin/content/drug/{entry.pk}/change/?language=en").content.decode()
    assert f'href="{address}"' in form
    plan = desk.post(address, {"slug": "newumab"}).content.decode()
    assert "/drugs/newumab/ is the page. /drugs/oldumab/, which is printed on leaflets, leads there" in plan
    assert "1 text or fact names it" in plan
    assert Drug.objects.filter(slug="oldumab").exists()
    desk.post(address, {"slug": "newumab", "confirm": "1"})
    moved = Client().get("/drugs/oldumab/")
    assert (moved.status_code, moved["Location"]) == (301, "/drugs/newumab/")


@pytest.mark.parametrize("slug", ["", "Newumab", "new umab", "pembrolizumab", "oldumab", "x" * 81])
def test_address_that_cannot_be_is_refused_and_what_was_typed_kept(desk: Client, slug: str) -> None:
    create_page(slug="oldumab", name="Oldumab")
    entry = Drug.objects.get(slug="oldumab")
    page = desk.post(
        f"/admin/content/drug/{entry.pk}/rename/", {"slug": slug, "confirm": "1"}
    ).content.decode()
    assert "errorlist" in page
    assert f'value="{slug}"' in page or not slug
    assert Drug.objects.filter(slug="oldumab").exists()


# --- Who may


def test_reviewers_look_and_change_nothing() -> None:
    client = Client()
    client.force_login(person("Clinical reviewer", "dana"))
    source = create_source()
    assert client.get(f"{MANY}source/{source.pk}/").status_code == 200
    assert client.post(f"{MANY}source/{source.pk}/", {"source": source.key, "note": "x"}).status_code == 403
    assert client.post(f"{MANY}find/", {"q": "a", "by": "b", "note": "c"}).status_code == 403
    create_page(slug="oldumab", name="Oldumab")
    pk = Drug.objects.get(slug="oldumab").pk
    assert client.get(f"/admin/content/drug/{pk}/rename/").status_code == 403


# --- What it costs


def test_finding_costs_no_more_queries_when_more_is_found(desk: Client) -> None:
    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert desk.get(address).status_code == 200
        return len(asked)

    source = create_source(key="cost-label")
    addresses = (f"{MANY}find/?q=cost-label", f"{MANY}source/{source.pk}/")

    def another(number: int) -> None:
        create_page(slug=f"cost-{number}", name=f"Cost {number}", unknowns="Costly [@cost-label].")
        publish(create_story(slug=f"cost-{number}", reverse_id=f"c-{number}", text="Costly [@cost-label]."))
        create_term(slug=f"cost-{number}", explanation="Costly [@cost-label].", source=source).approve(
            by=None, now=timezone.localdate()
        )

    another(0)
    few = [queries(address) for address in addresses + addresses][2:]
    for number in range(1, 5):
        another(number)
    assert [queries(address) for address in addresses] == few


def test_change_costs_no_more_queries_when_it_grows(desk: Client) -> None:
    source, other = create_source(key="cost-label"), create_source(key="other-label")

    def made(number: int) -> str:
        """The page of a change of so many texts and facts."""
        for place in range(number):
            slug = f"cost-{number}-{place}"
            create_page(slug=slug, name=slug, unknowns="Costly [@cost-label].")
            create_term(slug=slug, explanation="Costly [@cost-label].", source=source).approve(
                by=None, now=timezone.localdate()
            )
        return replace_source(desk, source, other)

    def queries(address: str) -> int:
        desk.get(address)
        with CaptureQueriesContext(connection) as asked:
            page = desk.get(address).content.decode()
        assert "ready to publish" in page
        return len(asked)

    one, many = made(1), made(5)
    few = queries(one)
    assert queries(many) == few
    assert few <= 20


def test_texts_are_found_by_their_names_with_few_queries_however_many(
    desk: Client, django_assert_max_num_queries: object
) -> None:
    texts = [create_page(slug=f"named-{n}", name=f"Named {n}").content for n in range(5)]
    uses = [
        create_indication(key=f"use-{n}", cancer=cancer) for n, cancer in enumerate(("melanoma", "sarcoma"))
    ]
    nonsense = ["", "1", "x-1", f"{9**9}-1", f"1-{9**30}", "0-0"]
    chosen = [token_of(row) for row in (*texts, *uses, texts[0])]
    with django_assert_max_num_queries(6):
        assert wholes_of([*nonsense, *chosen]) == [*texts, *uses]
