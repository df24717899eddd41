"""Search: what is found, in which order, how it is shown, and that it keeps up with what is public."""

import json

import brotli
import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from content import edition
from content.models import (
    Biomarker,
    BiomarkerRequirement,
    DrugContent,
    GlossaryTerm,
    Indication,
    SearchDocument,
    SearchName,
    SearchWord,
    SideEffectContent,
)
from content.review import facts
from content.search import index, suggest, upkeep, words
from content.search.documents import Document
from content.search.find import find, kinds, near, page_of
from content.search.snippet import snippet
from immuno_site import page_cache

pytestmark = pytest.mark.django_db


def found(query: str, **options: str) -> list[tuple[str, str]]:
    return [(row.kind, row.url) for row in find(query, **{"language": "en", **options})]


PEMBROLIZUMAB = ("drug", "/drugs/pembrolizumab/")
LUNGS = ("side-effect", "/side-effects/lung-inflammation/")
MELANOMA = ("cancer", "/cancers/melanoma/")
PD_L1 = ("biomarker", "/biomarkers/pd-l1/")


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("Pembrolizumab", PEMBROLIZUMAB),
        ("pembrolizumab", PEMBROLIZUMAB),
        ("  PEMBROLIZUMAB  ", PEMBROLIZUMAB),
        ("Keytruda", PEMBROLIZUMAB),
        ("key truda", PEMBROLIZUMAB),
        ("pembro", PEMBROLIZUMAB),
        ("what is Keytruda?", PEMBROLIZUMAB),
        ("melanoma", MELANOMA),
        ("C43", MELANOMA),
        ("PD-L1", PD_L1),
        ("pdl1", PD_L1),
        ("pd l1", PD_L1),
        ("PD‑L1", PD_L1),
        ("lung inflammation", LUNGS),
        ("interstitial lung disease", LUNGS),
        ("Side effects", ("page", "/side-effects/")),
    ],
)
def test_name_synonym_or_other_spelling_comes_first(query, first):
    assert found(query)[0] == first


@pytest.mark.parametrize(
    ("query", "first", "meant"),
    [
        ("pembrolizumap", PEMBROLIZUMAB, "pembrolizumab"),
        ("pembroluzimab", PEMBROLIZUMAB, "pembrolizumab"),
        ("ketruda", PEMBROLIZUMAB, "keytruda"),
        ("melenoma", MELANOMA, "melanoma"),
        ("fatgiue", ("side-effect", "/side-effects/fatigue/"), "fatigue"),
    ],
)
def test_typing_error_finds_what_was_meant_and_says_so(query, first, meant):
    results = find(query, language="en")
    assert (results[0].kind, results[0].url) == first
    assert {row.asked_as for row in results} == {meant}


def test_right_spelling_is_not_taken_for_an_error():
    assert {row.asked_as for row in find("fever", language="en")} == {""}


@pytest.mark.parametrize(
    ("query", "plain"),
    [
        ("vomited", "vomiting"),
        ("dizzy", "dizziness"),
        ("sleepy", "sleepiness"),
        ("numbness", "numb"),
        ("thirsty", "thirst"),
        ("coughed", "cough"),
        ("swelling", "swells"),
        ("itchy", "itching"),
        ("confused", "confusion"),
        ("breathe", "breathing"),
    ],
)
def test_every_form_of_a_word_finds_the_same(query, plain):
    assert found(query)
    assert set(found(query)) == set(found(plain))


def test_rest_of_a_shortened_word_is_no_word():
    assert words.words("can't it's T-cell won’t I've Crohn's") == words.words("it T-cell I Crohn")
    assert ("glossary", "/glossary/#t-cell") not in found("can't breathe")[:10]


def test_beginning_of_a_word_counts_only_where_nothing_has_the_whole():
    assert found("numb")
    assert ("glossary", "/glossary/#stage") not in found("numb")  # the stage is a number
    assert found("melanom")[0] == MELANOMA


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [("ru", "рвота", "рвоты"), ("ru", "температура", "температурой"), ("ar", "الحمى", "حمى")],
)
def test_forms_of_russian_and_arabic_words_are_one_word(language, one, other):
    assert words.words(one) == words.words(other)


@pytest.mark.parametrize("query", ["jaundice", "nothing like this wombat"])
def test_results_say_what_cannot_wait_whether_something_is_found_or_not(client, query):
    page = client.get("/search/", {"q": query}).content.decode()
    assert 'class="emergency-strip"' in page
    assert "112 in the European Union" in page
    assert "What is not listed here is not harmless." in page


def test_filter_of_side_effects_says_that_what_is_not_listed_is_not_harmless(client):
    assert "What is not listed here is not harmless." in client.get("/side-effects/").content.decode()
    assert "What is not listed here is not harmless." not in client.get("/cancers/").content.decode()


@pytest.mark.parametrize(
    ("british", "american"),
    [
        ("tumour", "tumor"),
        ("leukaemia", "leukemia"),
        ("oesophagus", "esophagus"),
        ("diarrhoea", "diarrhea"),
        ("anaemia", "anemia"),
        ("oedema", "edema"),
        ("haematologist", "hematologist"),
        ("immunisation", "immunization"),
        ("colour", "color"),
    ],
)
def test_british_and_american_spelling_are_the_same_word(british, american):
    assert words.words(british) == words.words(american)
    assert found(british) == found(american)


def test_words_agree_in_number_and_hyphens():
    assert words.words("Rashes, therapies and viruses") == ["rash", "therap", "and", "virus"]
    assert words.words("PD-L1") == ["pd", "l1", "pdl1"]
    assert words.squeeze("PD-1 inhibitors") == words.squeeze("pd 1 inhibitor") == "pd1inhibitor"


def test_every_kind_of_text_is_found(page_of_kinds):
    found = {row.kind for name in page_of_kinds for row in find(name, language="en")}
    assert set(kinds()) - {"page"} <= found


@pytest.fixture
def page_of_kinds(library) -> list[str]:
    """A name of each kind of text."""
    rows = SearchDocument.objects.filter(language="en")
    return [rows.filter(kind=kind).first().title for kind in kinds() if rows.filter(kind=kind).exists()]


def test_kind_narrows_the_results_and_an_unknown_one_does_not():
    assert {kind for kind, _ in found("melanoma", kind="drug")} == {"drug"}
    assert found("melanoma", kind="<script>") == found("melanoma")


def test_results_name_each_address_once():
    for query in ("cancer", "pembrolizumab", "immunotherapy side effects"):
        addresses = [url for _, url in found(query)]
        assert len(addresses) == len(set(addresses)) > 1


def test_all_words_are_asked_for_before_some_of_them():
    both = found("pembrolizumab melanoma")
    assert PEMBROLIZUMAB in both
    assert MELANOMA in both
    assert found("melanoma qqqqqqqqqqqq")[0] == MELANOMA


def test_facts_count_as_words_of_a_page():
    document = SearchDocument.objects.get(kind="drug", slug="pembrolizumab", language="en")
    assert "Melanoma" in document.text


def test_language_without_pages_falls_back_to_english_and_says_so():
    results = find("pembrolizumab", language="he")
    assert results[0].url == "/drugs/pembrolizumab/"
    assert results[0].language == "en"


def test_near_names_are_offered_for_a_mistyped_address():
    assert near("pembrolizumap", language="en")[0].url == "/drugs/pembrolizumab/"
    assert "/cancers/melanoma/" in [row.url for row in near("melanoma-of-the-skin", language="en")]
    assert near("zzzzqqqqxxxx", language="en") == []


@pytest.mark.parametrize("query", ["Китруда", "קיטרודה", "קי\u05b4טרודה", "كـيترودا"])
def test_name_in_another_script_finds_the_entry_and_no_page_shows_it(client, query):
    assert found(query)[0] == PEMBROLIZUMAB
    assert "Китруда" not in client.get("/drugs/pembrolizumab/").content.decode()


def test_entry_that_is_named_comes_first_and_each_result_says_why_it_was_found(client):
    assert found("keytruda side effects")[0] == PEMBROLIZUMAB
    assert all(row.why for row in find("keytruda side effects", language="en"))
    page = client.get("/search/", {"q": "keytruda side effects"}).content.decode()
    assert "Medicine: you named it" in page


def test_mistyped_medicine_is_offered_in_words(client):
    page = client.get("/search/", {"q": "pembrolizumap"}).content.decode()
    assert "Did you mean pembrolizumab?" in page
    assert "/drugs/pembrolizumab/" in page


@pytest.mark.parametrize("query", ["?!…", "\x00\x01\x02", "x" * 10_000, "\x1b[31m"])
def test_query_that_says_nothing_gets_a_page_that_says_what_to_do(client, query):
    response = client.get("/search/", {"q": query})
    assert response.status_code == 200
    assert b'type="search"' in response.content


def test_search_without_its_slash_keeps_the_question(client):
    assert client.get("/search?q=pd-l1").headers["Location"] == "/search/?q=pd-l1"


# --- Odd and hostile queries ---------------------------------------------------------------------------------

HOSTILE = [
    "",
    " ",
    "a" * 300,
    "x " * 200,
    '"',
    '"unclosed',
    "'; DROP TABLE content_searchdocument; --",
    "AND",
    "OR NOT",
    "NEAR(cancer skin, 2)",
    "title: cancer",
    "{title names} : cancer",
    "cancer*",
    "^cancer",
    "-cancer +skin",
    "cancer & !skin | (rash",
    "rash:*A",
    "%",
    "_%\\",
    "🙂",
    "cancer 🙂",
    "\0",
    "cancer\0skin",
    "\ud800",
    "סרטן",
    "ס\u05b7ר\u05b0ט\u05b8ן",
    "\u202ecancer\u202c",
    "السرطان",
    "<script>alert(1)</script>",
    "½ ² Ⅷ",
    "İstanbul",
    "ﬁbrosis",
    "\n\t\r",
    "1e5 1/10 3.5%",
    "http://example.org/a?b=c",
]


@pytest.mark.parametrize("query", HOSTILE)
def test_odd_query_is_answered(client, query):
    assert isinstance(find(query, language="en"), list)
    assert isinstance(near(query, language="he"), list)
    response = client.get("/search/", {"q": query.encode(errors="replace").decode()})
    assert response.status_code == 200
    assert b"<script>alert" not in response.content


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=40))
def test_any_text_is_answered(db, query):
    find(query, language="en")


def test_word_of_the_query_language_is_only_a_word():
    assert found("NOT melanoma") == found("melanoma not")
    assert found('"melanoma"') == found("melanoma")


# --- Snippets ------------------------------------------------------------------------------------------------


def test_snippet_marks_what_was_sought_and_escapes_the_rest():
    marked = snippet("Title", "Tell <b>us</b> of a rash & fever.", "", [["rash"], ["fever"]])
    assert marked == "Tell &lt;b&gt;us&lt;/b&gt; of a <mark>rash</mark> &amp; <mark>fever</mark>."


def test_snippet_comes_from_the_text_where_the_words_stand_together():
    text = f"A rash alone. {'Other words. ' * 60} Here rash and fever meet. {'More words. ' * 60}"
    marked = snippet("Title", "A summary.", text, [["rash"], ["fever"]])
    assert marked.startswith("… ")
    assert marked.endswith(" …")
    assert "<mark>rash</mark> and <mark>fever</mark> meet" in marked
    assert len(marked) < 280


def test_snippet_does_not_mark_the_middle_of_a_word():
    assert snippet("Title", "Carry a car card.", "", [["car"]]) == "Carry a <mark>car</mark> card."
    assert snippet("Title", "Thrash.", "", [["rash"]]) == "Thrash."


def test_snippets_of_real_pages_are_short_and_balanced():
    rows = find("immunotherapy cancer", language="en")
    assert len(rows) > 1
    for row in rows:
        assert len(row.snippet) < 900
        assert row.snippet.count("<mark>") == row.snippet.count("</mark>")


# --- Keeping up ----------------------------------------------------------------------------------------------


def new_draft(slug: str, editor, **values: object):
    public = DrugContent.objects.get(entry__slug=slug, language="en")
    version = public.versions.get().copy(editor)
    content = version.content
    for name, value in {"change_note": "New words.", **values}.items():
        setattr(content, name, value)
    content.save()
    return version


def test_draft_is_not_found_until_it_is_published(editor):
    version = new_draft("pembrolizumab", editor, other_names=["wobblemab"])
    assert not SearchName.objects.filter(name="wobblemab").exists()
    version.publish(editor)
    assert found("wobblemab") == [PEMBROLIZUMAB]


def test_page_that_says_the_same_stays_in_the_index_as_it_is(editor):
    own = SearchDocument.objects.filter(kind="drug", slug="pembrolizumab", language="en")
    before = own.get().pk
    new_draft("pembrolizumab", editor, change_note="Read again.").publish(editor)
    assert own.get().pk == before
    new_draft("pembrolizumab", editor, other_names=["wobblemab"]).publish(editor)
    assert own.get().pk != before


def test_withdrawn_page_is_not_found_any_more(editor):
    DrugContent.objects.get(entry__slug="pembrolizumab", language="en").versions.get().unpublish(editor)
    document = SearchDocument.objects.get(kind="drug", slug="pembrolizumab", language="en")
    assert document.text == ""
    assert document.summary == "Not written yet. The page holds dated facts and questions to ask."
    assert PEMBROLIZUMAB not in found("brake PD-1")


def test_approved_term_takes_the_place_of_the_one_before(editor):
    old = GlossaryTerm.objects.approved().get(slug="immunotherapy", language="en")
    draft = old.propose(by=editor)
    draft.explanation = "Treatment that wibblewobbles."
    draft.save()
    assert ("glossary", "/glossary/#immunotherapy") not in found("wibblewobbles")
    facts.approve_fact(draft, by=editor, now=timezone.localdate())
    assert found("wibblewobbles") == [("glossary", "/glossary/#immunotherapy")]
    assert SearchDocument.objects.filter(kind="glossary", slug="immunotherapy", language="en").count() == 1


def test_snippet_keeps_list_items_apart():
    text = "Call today\nA rash (new)\nA cough that stays.\n\nThen rest"
    assert snippet("Title", "", text, [["cough"]]) == (
        "Call today · A rash (new) · A <mark>cough</mark> that stays. Then rest"
    )


def test_rebuild_makes_the_same_index_as_keeping_up(editor):
    def state():
        return sorted(
            (*row, sorted(SearchName.objects.filter(document__slug=row[1]).values_list("name", flat=True)))
            for row in SearchDocument.objects.values_list("kind", "slug", "language", "title", "text")
        )

    upkeep.rebuild()
    before = state()
    for model in (DrugContent, SideEffectContent):
        for content in model.objects.select_related("entry"):
            upkeep.refresh(content)
    assert state() == before


def test_rebuild_forgets_what_is_gone():
    SearchWord.objects.create(language="en", word="wobblemab", length=9, letters=1)
    SearchDocument.objects.create(
        kind="drug", slug="gone", language="en", title="Gone", address="/drugs/gone/"
    )
    call_command("rebuild_search", verbosity=0)
    assert not SearchDocument.objects.filter(slug="gone").exists()
    assert not SearchWord.objects.filter(word="wobblemab").exists()
    assert found("pembrolizumab")[0] == PEMBROLIZUMAB


def test_rebuild_takes_any_number_of_biomarkers():
    biomarkers = Biomarker.objects.bulk_create(Biomarker(slug=f"marker-{number}") for number in range(1_001))
    use = Indication.objects.approved().first()
    BiomarkerRequirement.objects.bulk_create(
        BiomarkerRequirement(indication=use, biomarker=biomarker, level="positive")
        for biomarker in biomarkers
    )
    call_command("rebuild_search", verbosity=0)
    assert found("pembrolizumab")[0] == PEMBROLIZUMAB


def test_nothing_is_indexed_while_search_is_paused(editor):
    with upkeep.paused():
        new_draft("pembrolizumab", editor, other_names=["wobblemab"]).publish(editor)
    assert ("drug", "/drugs/pembrolizumab/") not in found("wobblemab")


# --- Cost ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["cancer", "immunotherapy", "pembrolizumap", "skin rash"])
def test_search_costs_few_queries_whatever_it_finds(django_assert_max_num_queries, query):
    with django_assert_max_num_queries(12):
        assert find(query, language="en")


def test_index_weighs_only_so_many_texts(library):
    asked = index.Asked(words.terms("cancer"), "en")
    assert len(index.match(asked, "text", limit=7)) == 7


def test_page_shows_results_with_marks_and_no_more_than_few_queries(queries_of):
    response = queries_of("/search/?q=pembrolizumab", 14)
    text = response.content.decode()
    assert '<a class="card-link" href="/drugs/pembrolizumab/"' in text
    assert "<mark>" in text


# --- Pages of results ----------------------------------------------------------------------------------------


@pytest.fixture
def seventy_pages():
    """More than are weighed: of each reach 60."""
    upkeep._add(
        Document("page", f"zebra-{number}", "en", f"Zebra {number}", f"/zebra-{number}/", text="quagga")
        for number in range(70)
    )


@pytest.mark.parametrize("query", ["zebra", "quagga", "zeb", "zebra giraffe"])
def test_total_is_true_and_every_result_stands_on_one_page(seventy_pages, query):
    pages = [page_of(query, language="en", number=number) for number in (1, 2, 3)]
    assert {page.total for page in pages} == {70}
    assert [len(page.results) for page in pages] == [30, 30, 10]
    assert len({row.url for page in pages for row in page.results}) == 70


def test_pages_lead_on_and_back_and_keep_the_question(seventy_pages, client):
    said = client.get("/search/?q=zebra").content.decode()
    assert "70 pages found" in said
    assert 'rel="next" href="?q=zebra&amp;page=2"' in said
    assert 'rel="prev"' not in said
    said = client.get("/search/?q=zebra&page=3").content.decode()
    assert "Page 3 of 3" in said
    assert 'rel="prev" href="?q=zebra&amp;page=2"' in said.replace("page=2&amp;q=zebra", "q=zebra&amp;page=2")
    assert 'rel="next"' not in said


@pytest.mark.parametrize("number", ["0", "-1", "99", "99999999", "x", "²", "\u0663", ""])
def test_page_that_is_none_is_answered_with_one_that_is(seventy_pages, client, number):
    answer = client.get("/search/", {"q": "zebra", "page": number})
    assert answer.status_code == 200
    assert b"70 pages found" in answer.content


# --- Names while typing --------------------------------------------------------------------------------------


def test_names_to_choose_from_are_the_public_entries_with_their_other_names(client):
    answer = client.get("/suggest.json")
    said = answer.json()
    rows = {
        name: (said["kinds"][kind], address, others.split()) for name, kind, address, others in said["names"]
    }
    kind, address, others = rows["Pembrolizumab"]
    assert (kind, address) == ("Medicine", "/drugs/pembrolizumab/")
    assert "keytruda" in others
    assert "max-age=60" in answer["Cache-Control"]


def test_names_to_choose_from_are_english_where_a_language_has_none(client):
    addresses = [address for _name, _kind, address, _others in client.get("/he/suggest.json").json()["names"]]
    assert "/drugs/pembrolizumab/" in addresses
    assert len(set(addresses)) == len(addresses)


def test_names_of_a_withdrawn_page_are_offered_no_more(client):
    upkeep.forget("drug", "pembrolizumab")
    assert "/drugs/pembrolizumab/" not in client.get("/suggest.json").content.decode()


def test_names_to_choose_from_take_no_question(client):
    assert client.get("/suggest.json?q=fever").content == client.get("/suggest.json").content


def test_many_names_come_in_parts_that_tell_nothing_of_what_is_typed(client, monkeypatch):
    whole = client.get("/suggest.json").json()
    assert whole["parts"] == 1
    monkeypatch.setattr(suggest, "MOST_NAMES", 5)
    page_cache.generation.start_new()
    first = client.get("/suggest.json").json()
    assert first["parts"] == -(-len(whole["names"]) // 5)
    parts = [client.get(f"/suggest.json?part={number}").json() for number in range(1, first["parts"] + 1)]
    assert [name for part in parts for name in part["names"]] == whole["names"]
    assert client.get("/suggest.json?part=999").json()["names"] == []
    assert client.get("/suggest.json?part=x").json() == first


@pytest.mark.stock
def test_names_of_300_entries_weigh_no_more_than_their_budget(client):
    said = client.get("/suggest.json").json()
    sent = brotli.compress(json.dumps(said["names"][:300], ensure_ascii=False).encode(), quality=8)
    assert len(said["names"]) > 50
    assert len(sent) * 300 / min(300, len(said["names"])) <= 25_000


# --- Names among other words -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("лечение меланомы", "/cancers/melanoma/"),
        ("на Китруде", "/drugs/pembrolizumab/"),
        ("טיפול במלנומה", "/cancers/melanoma/"),
        ("علاج الميلانوما", "/cancers/melanoma/"),
        ("keytruda/melanoma", "/drugs/pembrolizumab/"),
        ("keytrudamelanoma", "/drugs/pembrolizumab/"),
    ],
)
def test_name_is_known_in_another_form_and_beside_another_one(query, first):
    best = find(query, language="en")[0]
    assert (best.url, best.why) == (first, "you named it")


def test_page_of_another_language_that_is_named_goes_before_one_that_has_some_of_the_words():
    assert find("قائمة كيترودا الآثار الجانبية", language="ar")[0].url == "/drugs/pembrolizumab/"


def test_sign_among_other_words_leads_to_what_it_can_point_to():
    """Before what only has all of the words somewhere."""
    whole = find("short of breath", language="en")
    assert find("short of breath since Tuesday", language="en")[0].url == whole[0].url


@pytest.mark.parametrize(("query", "language"), [("isdrug", "en"), ("inru", "ru")])
def test_word_that_the_index_uses_itself_finds_nothing(query, language):
    assert find(query, language=language) == []


def test_all_that_hold_a_word_are_counted_with_or_without_those_known_already():
    asked = index.Asked(words.terms("melanoma"), "en")
    known = index.match(asked, "text", limit=3)
    every = index.how_many(asked, "text", without=[])
    assert every == len(index.others(asked, "text", without=[], start=0, limit=1_000)) > len(known)
    assert index.how_many(asked, "text", without=known) == every - len(known)


def test_all_that_hold_a_word_are_counted_once_between_two_changes(library, django_assert_num_queries):
    asked = index.Asked(words.terms("melanoma"), "en")
    with edition.opened("one"):
        every = index.how_many(asked, "text", without=[])
    upkeep._add([Document("page", "zebra", "en", "Zebra", "/zebra/", text="melanoma")])
    with edition.opened("one"), django_assert_num_queries(0):
        assert index.how_many(asked, "text", without=[]) == every
    with edition.opened("two"):
        assert index.how_many(asked, "text", without=[]) == every + 1


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL has an index of another kind")
def test_index_made_anew_is_one_piece(library):
    """A word is looked for in each of its pieces."""
    upkeep.rebuild()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT segid) FROM content_searchtext_idx")
        assert cursor.fetchone() == (1,)
