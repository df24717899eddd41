"""A fact in the admin: read whole before it is approved, taken off with a reason, told to readers."""

from __future__ import annotations

import datetime
import re

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from content import roles
from content.models import (
    Clinician,
    Fact,
    GlossaryTerm,
    Indication,
    IndicationText,
    Question,
    SideEffectOccurrence,
)
from content.review import facts
from content.search.find import find
from immuno_site import page_cache
from tests.factories import (
    TODAY,
    create_drug,
    create_indication,
    create_occurrence,
    create_page,
    create_source,
    create_term,
)
from tests.staff import create_staff
from tests.stories import create_story, place, publish

pytestmark = pytest.mark.django_db

REASON = "The figure belonged to another medicine."
CHANGES = re.compile(r'<section class="changes".*?</section>', re.DOTALL)


@pytest.fixture
def clinician(db: None) -> User:
    """A clinician with the permissions of the role and no others."""
    roles.apply()
    user = create_staff("judge")
    user.groups.add(Group.objects.get(name="Clinical reviewer"))
    Clinician.objects.create(name="Dr. Judge", role="Oncologist", license_number="T-2", user=user)
    return user


def address(fact: Fact, action: str = "change") -> str:
    return f"/admin/content/{fact._meta.model_name}/{fact.pk}/{action}/"


def question(**changes: object) -> Question:
    values = {
        "slug": "swim",
        "topic": "daily-life",
        "question": "Can I swim?",
        "answer": "Ask [@test-label].",
    }
    return Question.objects.create(source=create_source(), **values | changes)


def changes_on(path: str) -> str:
    """The section "What changed, and when" of the page as it is now; nothing if there is none."""
    page_cache.generation.start_new()
    found = CHANGES.search(Client().get(path).content.decode())
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split()) if found else ""


# --- Drafts without words


def wordless() -> list[Fact]:
    """As far as the database takes them."""
    cancer = create_indication(approve=False).cancer
    return [
        Indication.objects.create(
            key="fda-wordless", cancer=cancer, setting="advanced", regulator="FDA", approval="regular",
        ),
        SideEffectOccurrence.objects.create(
            drug=create_drug(), side_effect=create_occurrence().side_effect, how_common="common"
        ),
        GlossaryTerm.objects.create(slug="wordless", term="Wordless", explanation=""),
        Question.objects.create(slug="wordless", topic="basics", question="What?", answer=""),
    ]  # fmt: skip


def test_draft_without_words_stops_neither_import_nor_export(tmp_path, capsys):
    facts = wordless()
    call_command("import_library", verbosity=0)
    capsys.readouterr()
    call_command("export_library", str(tmp_path))
    said = capsys.readouterr().out
    assert "indication fda-wordless: a draft without its condition in English and a source" in said
    assert 'key = "fda-wordless"' in (tmp_path / "indications/melanoma.toml").read_text()
    assert all(type(fact).objects.get(pk=fact.pk).state == "draft" for fact in facts)


def test_fact_without_words_is_refused_and_says_what_is_missing(client, editor):
    use, figure, *_words = wordless()
    for fact, sentence in (
        (use, "Say in English for whom this use is approved"),
        (figure, "Say in English in which circumstances the figure holds"),
    ):
        fact.source = create_source()
        fact.save()
        with pytest.raises(facts.ApprovalRefused, match=sentence):
            facts.approve_fact(fact, by=editor, now=TODAY)
        client.force_login(editor)
        assert sentence in client.get(address(fact)).content.decode()


def test_import_over_two_rows_of_one_key_takes_the_one_readers_see(editor):
    """A draft of its own with the key of an approved row: the file goes on from what is public."""
    row = Indication.objects.approved().filter(members__drug__slug="pembrolizumab").first()
    Indication.objects.create(
        key=row.key, cancer=row.cancer, setting=row.setting, regulator=row.regulator, approval=row.approval
    )
    call_command("import_library", "--overwrite", verbosity=0)
    assert Indication.objects.approved().filter(key=row.key).count() == 1


# --- Taking a fact off


def test_fact_taken_off_is_gone_everywhere_at_once(client, editor):
    create_page()
    figure = create_occurrence(percent_any=3)
    use = create_indication(condition="Quokka tumors that have spread")
    term = create_term(term="Quokka")
    asked = question(question="Can I see a quokka?")
    for fact in (term, asked):
        facts.approve_fact(fact, by=editor, now=TODAY)
    assert find("quokka", language="en")
    client.force_login(editor)
    for fact in (figure, use, term, asked):
        answer = client.post(address(fact, "retire"), {"reason": REASON}, follow=True)
        assert "Taken off the site." in answer.content.decode()
    for path in (
        "/drugs/testumab/", "/cancers/melanoma/", "/glossary/", "/questions/", "/api/v1/drugs/testumab/",
        "/side-effects/fatigue/", "/search/?q=quokka",
    ):  # fmt: skip
        page = CHANGES.sub("", Client().get(path).content.decode())
        assert "uokka tumors" not in page
        assert "see a quokka" not in page
        assert ">Quokka<" not in page
    assert find("quokka", language="en") == []
    figure.refresh_from_db()
    today = timezone.localdate()
    assert (figure.state, figure.retired_reason, figure.retired_by, figure.retired_on) == (
        "retired", REASON, editor, today,
    )  # fmt: skip


def test_pages_tell_what_was_taken_off_and_why(editor):
    create_page()
    figure, use = create_occurrence(), create_indication()
    today = timezone.localdate()
    for fact in (figure, use):
        facts.retire_fact(fact, by=editor, reason=REASON, now=today)
    told = changes_on("/drugs/testumab/")
    assert f"Taken off this page: Fatigue, Testumab. {REASON}" in told
    what = "Testumab, Melanoma, Advanced disease, at any point, FDA (United States)"
    assert f"Taken off this page: {what}. {REASON}" in told
    assert f"Taken off this page: {what}. {REASON}" in changes_on("/cancers/melanoma/")
    assert f"Taken off this page: Fatigue, Testumab. {REASON}" in changes_on("/side-effects/fatigue/")


def test_page_published_later_tells_nothing_of_what_it_never_showed(editor):
    use = create_indication()
    facts.retire_fact(use, by=editor, reason=REASON, now=timezone.localdate() - datetime.timedelta(days=3))
    create_page()
    assert "Taken off" not in changes_on("/drugs/testumab/")


def test_lists_tell_what_was_taken_off_and_why(editor):
    term, asked = create_term(term="Quokka"), question(question="Can I see a quokka?")
    for fact in (term, asked):
        facts.approve_fact(fact, by=editor, now=TODAY)
        facts.retire_fact(fact, by=editor, reason=REASON, now=timezone.localdate())
    assert f"Taken off this page: Quokka. {REASON}" in changes_on("/glossary/")
    assert f"Taken off this page: Can I see a quokka. {REASON}" in changes_on("/questions/")


def test_story_page_tells_what_was_taken_off_its_table_and_its_answers(client, editor):
    create_page()
    use, asked = create_indication(), question(topic="cost-and-access")
    facts.approve_fact(asked, by=editor, now=TODAY)
    content = create_story(text="")
    place(content, "IndicationTablePlugin", drug=create_drug())
    place(content, "QuestionListPlugin", topic="cost-and-access", limit=1)
    publish(content)
    assert "Melanoma that has spread" in client.get("/story/").content.decode()
    for fact in (use, asked):
        facts.retire_fact(fact, by=editor, reason=REASON, now=timezone.localdate())
    told = changes_on("/story/")
    assert f"at any point, FDA (United States). {REASON}" in told
    assert f"Taken off this page: Can I swim. {REASON}" in told
    page_cache.generation.start_new()
    assert "Melanoma that has spread" not in client.get("/story/").content.decode()


def test_reason_is_english_on_a_page_in_another_language(editor):
    create_page(language="he", name="טסטומב")
    facts.retire_fact(create_indication(), by=editor, reason=REASON, now=timezone.localdate())
    page = Client().get("/he/drugs/testumab/").content.decode()
    assert f'<span lang="en" dir="ltr">{REASON}</span>' in page
    assert "Taken off this page" not in page


def withdraw(use: Indication, editor: User, **changes: object) -> Indication:
    draft = use.propose(by=editor)
    draft.withdrawn_on, draft.withdrawn_source = datetime.date(2026, 5, 3), "test-label"
    for name, value in changes.items():
        setattr(draft, name, value)
    draft.save()
    facts.approve_fact(draft, by=editor, now=timezone.localdate())
    return draft


def test_withdrawn_use_is_told_under_what_changed(editor):
    create_page()
    row = withdraw(create_indication(), editor)
    line = (
        "No longer approved: Testumab, Melanoma, Advanced disease, at any point, FDA (United States). "
        "Withdrawn on 3 May 2026."
    )
    assert line in changes_on("/drugs/testumab/")
    assert line in changes_on("/cancers/melanoma/")
    # A later wording of the withdrawn row does not take the line away, nor tell it twice.
    facts.approve_fact(row.propose(by=editor), by=editor, now=timezone.localdate())
    assert changes_on("/drugs/testumab/").count(line) == 1


@pytest.mark.parametrize("path", ["/drugs/testumab/", "/cancers/melanoma/", "/questions/", "/glossary/"])
def test_telling_what_went_costs_no_query(editor, path):
    create_page()
    use, figure, term, asked = create_indication(), create_occurrence(), create_term(), question()
    for fact in (term, asked):
        facts.approve_fact(fact, by=editor, now=TODAY)
    kept = create_occurrence(how_common="rare"), create_indication(key="fda-kept", condition="Something else")
    assert all(fact.state == "approved" for fact in kept)
    before = queries_for(path)
    for fact in (use, figure, term, asked):
        facts.retire_fact(fact, by=editor, reason=REASON, now=timezone.localdate())
    assert queries_for(path) <= before
    assert "Taken off this page" in changes_on(path)


def queries_for(path: str) -> int:
    Client().get(path)
    page_cache.generation.start_new()
    with CaptureQueriesContext(connection) as queries:
        Client().get(path)
    return len(queries)


def test_use_that_came_withdrawn_is_no_news():
    create_page()
    create_indication(status="withdrawn", withdrawn_on=datetime.date(2026, 5, 3))
    assert "No longer approved" not in changes_on("/drugs/testumab/")


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("", "Say why: readers of its pages are told."),
        ("   \n ", "Say why: readers of its pages are told."),
        ("x" * 251, "Say it in at most 250 letters."),
        ("It is a miracle that nobody saw it.", "Take out &#x27;miracle&#x27;: say what is known instead."),
        ("Read [this].", "Take the brackets out"),
    ],
)
def test_reason_is_asked_for_and_kept_as_typed(client, editor, reason, sentence):
    fact = create_indication()
    client.force_login(editor)
    page = client.post(address(fact, "retire"), {"reason": reason}).content.decode()
    assert sentence in page
    assert reason.strip() in page
    fact.refresh_from_db()
    assert fact.state == "approved"
    with pytest.raises(facts.RetireRefused):
        facts.retire_fact(fact, by=editor, reason=reason, now=TODAY)


def test_who_may_approve_may_take_off(client, settings, editor, clinician, stranger):
    settings.CLINICAL_REVIEW = "required"
    fact = create_indication()
    button = f'href="{address(fact, "retire")}"'
    for user, may in ((stranger, False), (editor, False), (clinician, True)):
        client.force_login(user)
        assert (button in client.get(address(fact)).content.decode()) is may
        client.post(address(fact, "retire"), {"reason": REASON})
        fact.refresh_from_db()
        assert (fact.state == "retired") is may


def test_draft_of_a_row_taken_off_cannot_bring_it_back(editor):
    fact = create_indication()
    draft = fact.propose(by=editor)
    facts.retire_fact(fact, by=editor, reason=REASON, now=TODAY)
    with pytest.raises(facts.ApprovalRefused, match="was taken off the site"):
        facts.approve_fact(draft, by=editor, now=TODAY)


def test_new_row_can_say_what_was_taken_off(editor):
    facts.retire_fact(create_indication(), by=editor, reason=REASON, now=TODAY)
    again = create_indication(approve=False)
    facts.approve_fact(again, by=editor, now=TODAY)
    assert again.state == "approved"


@pytest.mark.parametrize("option", [(), ("--overwrite",)])
def test_import_brings_nothing_back_that_was_taken_off(capsys, editor, option):
    gone = [
        GlossaryTerm.objects.approved().filter(language="en").first(),
        Question.objects.approved().filter(language="en").first(),
        Indication.objects.approved().filter(members__drug__slug="pembrolizumab").first(),
        SideEffectOccurrence.objects.approved().filter(drug__slug="pembrolizumab").first(),
    ]
    number = {type(fact): type(fact).objects.approved().count() for fact in gone}
    for fact in gone:
        facts.retire_fact(fact, by=editor, reason=REASON, now=TODAY)
    call_command("import_library", *option)
    assert f"glossary/{gone[0].slug}.md: left alone, because somebody took it off" in capsys.readouterr().out
    for model, before in number.items():
        assert model.objects.approved().count() == before - 1


# --- Reading it before approving


def test_reviewer_sees_all_of_a_draft_beside_what_it_replaces(client, settings, clinician, editor):
    old = create_indication(biomarker="pd-l1")
    draft = old.propose(by=editor)
    draft.granted_on = datetime.date(2021, 3, 4)
    draft.save()
    text = draft.texts.get()
    text.population, text.note = "Adults and children", "Only in the United States."
    text.save()
    IndicationText.objects.create(indication=draft, language="he", condition="מלנומה")
    draft.more_sources.add(create_source(key="test-notice"))
    client.force_login(clinician)
    page = client.get(address(draft)).content.decode()
    sides = rows_of(page)
    assert sides["Approved by the regulator on Changed"] == ["2 January 2020", "4 March 2021"]
    assert sides["For whom (English) Changed"] == ["Adults", "Adults and children"]
    assert sides["Note (English) New"] == ["Nothing", "Only in the United States."]
    assert sides[f"Condition ({dict(settings.LANGUAGES)['he']}) New"] == ["Nothing", "מלנומה"]
    assert sides["Condition (English) Same"] == ["Melanoma that has spread"] * 2
    assert sides["Biomarker requirements Same"] == ["pd-l1: 1% or more"] * 2
    now, then = sides["Sources Changed"]
    assert now == "Test label (Test agency; read on 22 November 2026)"
    assert then.count("Test label (Test agency; read on 22 November 2026)") == 2
    assert 'href="https://example.org/test-notice"' in page
    assert "Approve this saved draft" in page


def test_draft_that_replaces_nothing_is_shown_whole(client, clinician):
    draft = create_occurrence(approve=False, percent_any=4, people=200)
    client.force_login(clinician)
    page = client.get(address(draft)).content.decode()
    assert "It replaces nothing: all of it is new." in page
    sides = rows_of(page)
    assert sides["Percent, any grade"] == ["4.00"]
    assert sides["Number of people"] == ["200"]


def test_words_in_their_own_rows_can_be_read_by_the_role(client, clinician):
    draft = create_indication(approve=False)
    client.force_login(clinician)
    assert len(client.get(address(draft)).context["inline_admin_formsets"]) == 3


def rows_of(page: str) -> dict[str, list[str]]:
    """The table as a person reads it: the field with its mark, then the cells."""
    table = page[page.index('class="fact-sides"') :].partition("</table>")[0]
    rows = {}
    for row in re.findall(r"<tr.*?</tr>", table.partition("<tbody>")[2], re.DOTALL):
        label, *cells = (
            " ".join(re.sub(r"<[^>]+>", "", cell).split())
            for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)
        )
        rows[label] = cells
    return rows


# --- Where it stands


@pytest.mark.parametrize(
    ("make", "place"),
    [
        (question, "/questions/#swim"),
        (create_term, "/glossary/#test-term"),
        (create_occurrence, "/side-effects/fatigue/"),
    ],
)
def test_approval_says_where_it_now_stands(client, editor, make, place):
    fact = make(approve=False) if make is create_occurrence else make()
    if make is create_occurrence:
        fact.texts.create(context="Given alone")
    client.force_login(editor)
    page = client.post(address(fact, "approve"), follow=True).content.decode()
    assert re.search(rf"Approved\. It now stands on: [^<]*\({place}\)", page)


def test_approval_of_what_stands_nowhere_yet_says_so(client, editor):
    fact = create_indication(approve=False, cancer="planned-cancer")
    client.force_login(editor)
    page = client.post(address(fact, "approve"), follow=True).content.decode()
    assert "Approved. No public page names it yet." in page


def test_form_without_a_treatment_is_shown_again(client, editor):
    """The row then names nobody whose pages could be told of."""
    draft = create_occurrence().propose(by=editor)
    client.force_login(editor)
    response = client.post(f"/admin/content/sideeffectoccurrence/{draft.pk}/change/", {})
    assert response.status_code == 200
    assert "Please correct the errors below." in response.text


def test_medicines_cancers_and_sources_are_chosen_by_name(desk: Client) -> None:
    """Looked up while somebody types, and named so in a form that has them; planned ones by their slug."""
    create_page(slug="nameumab", name="Nameumab")
    use = create_indication(approve=False, drug=create_drug(slug="nameumab"))
    form = desk.get(address(use)).content.decode()
    for name in ("Nameumab", "Melanoma", "Test label, Test agency (test-label)"):
        assert re.search(rf"<option[^>]* selected>{re.escape(name)}</option>", form), name
    assert form.count("<option") < 150  # and not every medicine of the library

    def found(model: str, field: str, term: str) -> list[str]:
        asked = {"app_label": "content", "model_name": model, "field_name": field, "term": term}
        return [row["text"] for row in desk.get("/admin/autocomplete/", asked).json()["results"]]

    assert found("regimenmember", "drug", "nameu") == ["Nameumab"]
    assert "Melanoma" in found("indication", "cancer", "melan")
    assert found("indication", "source", "Test agency") == ["Test label, Test agency (test-label)"]
    create_drug(slug="plannedumab")
    assert found("regimenmember", "drug", "planned") == ["plannedumab"]


@pytest.mark.parametrize(
    ("name", "wrong"), [("source", "x"), ("source", "9" * 30), ("cancer", "a\0b"), ("more_sources", "x")]
)
def test_what_is_no_row_is_not_looked_up(desk: Client, name: str, wrong: str) -> None:
    """A made-up address gets the form; sent, it says below the field what is wrong."""
    form = "/admin/content/indication/add/"
    assert desk.get(form, {name: wrong}).status_code == 200
    numbers = ("TOTAL_FORMS", "INITIAL_FORMS")
    parts = {f"{part}-{number}": 0 for part in ("texts", "members", "requirements") for number in numbers}
    sent = desk.post(form, parts | {name: wrong})
    assert sent.status_code == 200
    assert sent.context["adminform"].form.errors[name]


def test_translation_is_written_beside_the_english_words(desk: Client) -> None:
    english = question()
    public = {"state": "approved", "approved_on": TODAY, "review_state": "unreviewed"}
    Question.objects.filter(pk=english.pk).update(**public)
    hebrew = question(language="he", answer="")
    form = desk.get(address(hebrew)).content.decode()
    assert '<div lang="en" dir="ltr">Ask [@test-label].</div>' in form
    assert re.search(r'<textarea[^>]*dir="auto"[^>]*lang="he"|<textarea[^>]*lang="he"[^>]*dir="auto"', form)
