"""An editor's day in one list: what is overdue stands one click from the first page."""

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
from content.models import AskedTerm, Clinician, DrugContent, Indication, PageCheck, Source
from content.review import facts, signing, workflow
from tests.consultations.factories import create_feedback
from tests.factories import create_draft, create_indication, create_page
from tests.staff import create_staff

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)


def worker(role: str = "Editor", *more: str, name: str = "noa") -> User:
    (held,) = (known.permissions for known in roles.ROLES if known.name == role)
    return create_staff(name, *held, *more)


def lines(user: User, show: str, **more: str) -> list[str]:
    client = Client()
    client.force_login(user)
    page = client.get("/admin/day/", {"show": show, **more}).content.decode()
    return re.findall(r"<bdi>([^<]+)</bdi></a>", page.partition("day-items")[2])


def page_due(days: int, **values: object) -> None:
    today = timezone.localdate()
    create_page(checked_on=today - 170 * DAY, next_check_due=today + days * DAY, **values)


def test_text_stands_where_its_day_puts_it() -> None:
    user = worker()
    page_due(-1, slug="lateumab", name="Lateumab")
    page_due(0, slug="todayumab", name="Todayumab")
    page_due(10, slug="soonumab", name="Soonumab")
    page_due(14, slug="hiddenumab", name="Laterumab")
    DrugContent._base_manager.filter(name="Laterumab").update(next_check_due=timezone.localdate() + 31 * DAY)
    overdue, soon = lines(user, "overdue"), lines(user, "soon")
    assert "Lateumab" in overdue
    assert {"Todayumab", "Soonumab"} <= set(soon)
    assert not {"Laterumab"} & {*overdue, *soon}


def test_words_searched_for_in_vain_stand_there_for_four_weeks() -> None:
    monday = timezone.localdate() - timezone.localdate().weekday() * DAY
    for words, weeks, found in (("tumorumab", 0, False), ("known", 0, True), ("old", 5, False)):
        AskedTerm.objects.create(
            week=monday - weeks * 7 * DAY, language="en", digest=words, words=words, times=3, found=found
        )
    assert lines(worker(), "asked") == ["tumorumab"]
    assert lines(worker("Clinical reviewer", name="ron"), "asked") == []


def test_pages_and_sources_are_among_them() -> None:
    user = worker()
    today = timezone.localdate()
    check = PageCheck.objects.select_related("extended_object").first()
    PageCheck.objects.filter(pk=check.pk).update(checked_on=today - 99 * DAY, next_check_due=today - DAY)
    source = Source.objects.first()
    Source.objects.filter(pk=source.pk).update(
        checked_on=today - 400 * DAY, published_on=None, text_of_on=None
    )
    assert {check.extended_object.title, source.title} <= {
        line.replace("&#x27;", "'") for line in lines(user, "overdue")
    }
    assert check.extended_object.title not in lines(user, "overdue", kind="Source")


def test_fact_is_due_a_year_after_somebody_last_looked_at_it(reviewer: Clinician) -> None:
    user, today = worker(), timezone.localdate()
    for key, days, cancer in (
        ("old-use", 400, "melanoma"),
        ("soon-use", 350, "sarcoma"),
        ("new-use", 9, "lymphoma"),
    ):
        row = create_indication(key=key, cancer=cancer)
        Indication.objects.filter(pk=row.pk).update(approved_on=today - days * DAY)
    assert "old-use" in lines(user, "overdue")
    assert "soon-use" in lines(user, "soon")
    assert "new-use" not in lines(user, "soon")
    old = Indication.objects.get(key="old-use")
    facts.record_signature(old, by=reviewer, now=today - DAY)
    assert "old-use" not in lines(user, "overdue")


def test_overdue_texts_are_given_a_day_from_their_list() -> None:
    page_due(-1, slug="lateumab", name="Lateumab")
    client = Client()
    client.force_login(worker())
    page = client.get("/admin/day/?show=overdue").content.decode()
    (token,) = re.findall(r'name="text" value="([\d-]+)" aria-label="Lateumab"', page)
    asked = client.post("/admin/content/bulkchange/next-check/", {"text": [token]}).content.decode()
    assert "Lateumab" in asked
    assert 'name="due"' in asked


def test_first_page_leads_to_what_is_overdue() -> None:
    user = worker()
    page_due(-1)
    client = Client()
    client.force_login(user)
    home = client.get("/admin/").content.decode()
    number = re.search(r'href="/admin/day/\?show=overdue">\s*<span class="staff-task-number">(\d+)', home)
    assert number
    assert int(number[1]) == len(lines(user, "overdue"))


def test_drafts_stand_under_mine_ready_and_changed_after_signing(settings, reviewer: Clinician) -> None:
    settings.CLINICAL_REVIEW = "required"
    user = worker()
    for name in ("Mineumab", "Readyumab", "Backumab"):
        version = create_draft(slug=name.lower(), name=name, by=user if name == "Mineumab" else None)
        if name != "Mineumab":
            today = timezone.localdate()
            signing.sign_off(
                version,
                by=reviewer,
                next_review_due=today + 90 * DAY,
                seen=signing.digest(version.content),
                now=today,
            )
        if name == "Backumab":
            version.content.unknowns += " More [@test-label]."
            version.content.save()
    assert (lines(user, "mine"), lines(user, "ready"), lines(user, "back")) == (
        ["Mineumab"], ["Readyumab"], ["Backumab"],
    )  # fmt: skip


def test_what_a_clinician_sent_back_is_listed(settings, reviewer: Clinician) -> None:
    settings.CLINICAL_REVIEW = "required"
    version = create_draft(by=worker())
    workflow.send(version, by=User.objects.get(username="noa"))
    assert lines(version.created_by, "changes") == []
    workflow.ask_for_changes(version, by=reviewer, words="Name the dose.", remarks={})
    assert lines(version.created_by, "changes") == ["Testumab"]


def test_facts_wait_there_and_remarks_only_for_who_may_read_them(editor: User) -> None:
    create_indication(approve=False, key="fda-waiting")
    create_feedback(page="/drugs/testumab/")
    user = worker()
    assert lines(user, "facts") == ["fda-waiting"]
    assert lines(user, "remarks") == []
    assert lines(editor, "remarks") == ["/drugs/testumab/"]


def test_day_is_for_who_works_on_the_library(client: Client) -> None:
    client.force_login(create_staff("coordinator", "view_consultationrequest", "view_feedback"))
    assert client.get("/admin/day/").status_code == 403


def test_day_costs_no_more_queries_when_it_grows() -> None:
    client = Client()
    client.force_login(worker())

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get("/admin/day/")
        return len(asked)

    page_due(-1)
    queries()
    few = queries()
    for place in range(5):
        page_due(-1, slug=f"late-{place}", name=f"Late {place}")
    assert queries() == few
    assert few <= 25
