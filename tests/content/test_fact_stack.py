"""All facts of one medicine on one page: each shown in full, each signed for itself, nothing signed unseen."""

from __future__ import annotations

import datetime
import re

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from content import roles
from content.models import Clinician, Fact, FactSignature, SideEffect
from content.review import facts, signing
from content.stock.importing import library_user
from immuno_site import page_cache
from tests.factories import TODAY, create_draft, create_drug, create_indication, create_occurrence
from tests.staff import create_staff

pytestmark = pytest.mark.django_db

READ = {"have_read": "on"}


@pytest.fixture
def clinician(db: None) -> Clinician:
    """With the permissions of the role and no others."""
    roles.apply()
    user = create_staff("judge")
    user.groups.add(Group.objects.get(name="Clinical reviewer"))
    return Clinician.objects.create(name="Dr. Judge", role="Oncologist", license_number="T-2", user=user)


@pytest.fixture
def desk(clinician: Clinician) -> Client:
    client = Client()
    client.force_login(clinician.user)
    return client


def address() -> str:
    return f"/admin/content/signoff/facts/{create_drug().pk}/"


def page_of(client: Client) -> str:
    return client.get(address()).content.decode()


def ticked(page: str) -> list[str]:
    return re.findall(r'name="sign" value="([^"]+)" checked', page)


def sign(client: Client, tokens: list[str], **more: str) -> str:
    return client.post(address(), {"sign": tokens, **READ, **more}, follow=True).content.decode()


def figures(number: int) -> None:
    for place in range(number):
        create_occurrence(side_effect=SideEffect.objects.create(slug=f"sign-{place}"))


def test_every_fact_stands_there_in_full_with_its_source(desk: Client) -> None:
    create_indication(condition="Quokka tumors", biomarker="pd-l1")
    create_occurrence(percent_any=3)
    page = page_of(desk)
    for words in (
        "Quokka tumors",
        "Adults",
        "1% or more",
        "2 January 2020",
        "Common:",
        "Percent, any grade",
    ):
        assert words in page
    assert page.count('<a href="https://example.org/test-label">Test label</a>') == 2
    assert len(ticked(page)) == 2


def test_one_button_records_a_signature_for_each_fact(desk: Client, clinician: Clinician) -> None:
    use, figure = create_indication(), create_occurrence()
    assert "2 facts are signed." in sign(desk, ticked(page_of(desk)))
    for fact in (use, figure):
        fact.refresh_from_db()
        assert (fact.state, fact.review_state, fact.reviewer) == ("approved", "reviewed", clinician)
    assert {row.fact for row in FactSignature.objects.filter(reviewer=clinician)} == {use, figure}
    assert {row.digest for row in FactSignature.objects.all()} == {facts.digest(use), facts.digest(figure)}
    assert "Nothing of this medicine waits" in page_of(desk)


def test_readers_are_told_at_once_that_it_is_checked(desk: Client, reviewer: Clinician) -> None:
    version = create_draft()
    due = TODAY + datetime.timedelta(days=90)
    signing.sign_off(
        version, by=reviewer, next_review_due=due, seen=signing.digest(version.content), now=TODAY
    )
    version.publish(library_user())
    create_indication()
    unchecked = "1 approved use"
    assert unchecked in Client().get("/drugs/testumab/").content.decode()
    sign(desk, ticked(page_of(desk)))
    page_cache.generation.start_new()  # which waits for the end of a transaction that a test never ends
    assert unchecked not in Client().get("/drugs/testumab/").content.decode()


def test_what_is_not_ticked_waits(desk: Client) -> None:
    use, figure = create_indication(), create_occurrence()
    (token,) = [token for token in ticked(page_of(desk)) if token.startswith("indication")]
    assert "1 fact still waits." in sign(desk, [token])
    use.refresh_from_db(), figure.refresh_from_db()
    assert (use.review_state, figure.review_state) == ("reviewed", "unreviewed")


def test_nothing_is_signed_unless_they_say_they_read_it(desk: Client) -> None:
    create_indication(), create_occurrence()
    tokens = ticked(page_of(desk))
    answer = desk.post(address(), {"sign": tokens[:1], "shown": tokens}).content.decode()
    assert "Nothing was signed." in answer
    assert ticked(answer) == tokens[:1]  # the exception is still one
    assert not FactSignature.objects.exists()


def test_what_was_not_on_the_page_is_not_signed(desk: Client) -> None:
    create_indication()
    tokens = ticked(page_of(desk))
    late = create_occurrence()
    sign(desk, [*tokens, f"sideeffectoccurrence-{late.pk}-{'0' * 64}"])
    late.refresh_from_db()
    assert late.review_state == "unreviewed"


def test_draft_changed_while_they_read_is_not_signed(desk: Client, editor: User) -> None:
    draft = create_indication().propose(by=editor)
    tokens = ticked(page_of(desk))
    draft.texts.update(condition="Something else")
    assert "It was changed while you read." in sign(desk, tokens)
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_draft_stands_beside_what_it_replaces_and_is_approved(
    desk: Client, editor: User, clinician: Clinician
) -> None:
    row = create_indication(condition="Quokka tumors")
    draft = row.propose(by=editor)
    draft.texts.update(condition="Wombat tumors")
    page = page_of(desk)
    assert "<del>Quokka</del>" in page
    assert "<ins>Wombat</ins>" in page
    assert len(ticked(page)) == 1  # the row it replaces is signed with it, not beside it
    sign(desk, ticked(page))
    draft.refresh_from_db()
    assert (draft.state, draft.reviewer) == ("approved", clinician)
    assert FactSignature.objects.get().fact == draft


def test_draft_that_breaks_a_rule_cannot_be_ticked(desk: Client, editor: User) -> None:
    draft = create_indication(approve=False, created_by=editor)
    draft.texts.update(condition="")
    page = page_of(desk)
    assert ticked(page) == []
    assert "Say in English for whom this use is approved" in page


@pytest.mark.parametrize("who", ["author", "demo account", "editor"])
def test_signature_of_who_cannot_judge_is_not_taken(
    desk: Client, clinician: Clinician, editor: User, who: str
) -> None:
    use = create_indication(created_by=clinician.user if who == "author" else None)
    tokens = [f"indication-{use.pk}-{facts.digest(use)}"]
    if who == "demo account":
        Clinician.objects.filter(pk=clinician.pk).update(is_demo=True, license_number="")
    if who == "editor":
        desk.force_login(editor)
    assert ticked(page_of(desk)) == []
    sign(desk, tokens)
    use.refresh_from_db()
    assert use.review_state == Fact.Review.UNREVIEWED
    assert not FactSignature.objects.exists()


def test_approval_of_a_single_draft_leaves_a_signature_too(editor: User, clinician: Clinician) -> None:
    draft = create_indication(approve=False, created_by=editor)
    facts.approve_fact(draft, by=clinician.user, now=TODAY)
    assert FactSignature.objects.get().fact == draft


def test_medicines_stand_by_how_much_waits(desk: Client) -> None:
    before = desk.get("/admin/content/signoff/facts/").content.decode()
    assert "testumab" not in before
    create_indication(), figures(3)
    found = re.findall(
        r"/facts/\d+/\"><span>([^<]+)</span> <small>(\d+)",
        desk.get("/admin/content/signoff/facts/").content.decode(),
    )
    assert ("testumab", "4") in found
    assert [int(number) for _name, number in found] == sorted((int(n) for _s, n in found), reverse=True)


def test_stack_costs_no_more_queries_when_it_grows(desk: Client) -> None:
    create_indication(), figures(1)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            page_of(desk)
        return len(asked)

    queries()
    few = queries()
    for place in range(2, 12):
        create_occurrence(side_effect=SideEffect.objects.create(slug=f"further-{place}"))
    assert queries() == few
    assert few <= 25
