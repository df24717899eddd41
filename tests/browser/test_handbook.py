"""The handbook shows the admin as it is: `make handbook` takes its pictures, and this test holds them up to date."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from django.contrib.auth.models import User
from django.test import Client
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from content.models import Clinician, DrugContent, Indication, Source
from content.review import workflow
from immuno_site.staff.handbook import PICTURES
from tests.browser.journey import Journey
from tests.browser.visitor import PHONE
from tests.factories import new_draft
from tests.staff import create_staff
from tests.stories import join

pytestmark = pytest.mark.django_db(transaction=True)

DJANGOS = ("Add ", "Save and add another")  # what Django itself prints
TAKES = os.environ.get("HANDBOOK") == "take"
WIDTH, TALLEST = 1100, 900  # pixels
HEAVIEST = 60_000  # bytes
# What a person reads to find their way: not what the library says today.
WORDS = """part => [...part.querySelectorAll(
  'h1, h2, h3, label, legend, summary, button, a.button, thead th, input[type=submit], .day-lists a, .object-tools a')]
  .filter(one => one.checkVisibility() && !one.closest('.inline-related, .related-widget-wrapper, .read-prose'))
  .map(one => (one.value || one.innerText).replace(/[0-9]+/g, '').replace(/\\s+/g, ' ').trim())"""


def until_checked(page: Page) -> None:
    expect(page.locator(".next-step-number")).to_contain_text("put right")


@dataclass(frozen=True)
class Shown:
    """A page of the admin, what is cut out of it, and what somebody does there first."""

    address: str
    part: str = "#content"
    begin: Callable[[Page], None] | None = None
    whose: str = "editor"
    end: bool = False  # the end of the part instead of its beginning


def look_for_a_source(page: Page) -> None:
    frame = page.locator(".prose-editor-frame", has=page.locator("#id_content__daily_life"))
    frame.get_by_role("button", name="Cite a source").click()
    frame.locator("input[type=search]:visible").fill("keytruda")
    expect(frame.get_by_role("button", name="fda-keytruda-label", exact=True)).to_be_visible()


def find_something_to_put_right(page: Page) -> None:
    page.locator("#id_content__key_message").fill("This medicine works. It helped 40 of 100 people.")
    expect(page.locator(".check-places")).to_contain_text("source")


class TestHandbook(Journey):
    def given_work_of_all_kinds(self) -> None:
        self.editor = join(create_staff("editor"), "Editor")
        self.clinician = join(create_staff("clinician"), "Clinical reviewer")
        judge = Clinician.objects.create(
            name="A clinician", role="Oncologist", license_number="T-2", user=self.clinician
        )
        public = DrugContent.objects.get(entry__slug="pembrolizumab", language="en")
        newer = new_draft(public.versions.get(), by=self.editor, change_note="A word made plainer.")
        newer.publish(self.editor)
        words = newer.content.key_message.replace("This medicine", "This treatment")
        draft = new_draft(newer, by=self.editor, key_message=words)
        other = DrugContent.objects.get(entry__slug="nivolumab", language="en")
        asked = new_draft(other.versions.get(), by=self.editor)
        for version in (draft, asked):
            workflow.send(version, by=self.editor, to=judge)
        workflow.ask_for_changes(
            asked, by=judge, words="", remarks={"Daily life": "Say whether they may drive."}
        )
        use = Indication.objects.approved().filter(members__drug__slug="pembrolizumab").earliest("pk")
        source = Source.objects.get(key="fda-keytruda-label")
        form = f"/admin/content/drug/{public.entry_id}/change/?language=en"
        self.shown = {
            "day": Shown("/admin/day/?show=mine"),
            "form": Shown(form, "#content", until_checked),
            "panel": Shown(form, "#check-panel", find_something_to_put_right),
            "cite": Shown(form, ".prose-editor-frame:has(#id_content__daily_life)", look_for_a_source),
            "asked": Shown(f"/admin/content/drug/{other.entry_id}/change/?language=en", ".asked"),
            "fact": Shown(f"/admin/content/indication/{use.pk}/change/", "#content", end=True),
            "used": Shown(f"/admin/content/bulkchange/source/{source.pk}/"),
            "earlier": Shown(f"/admin/content/drug/{public.entry_id}/earlier/en/"),
            "read": Shown(f"/admin/content/signoff/read/{draft.pk}/", whose="clinician"),
            "stack": Shown(f"/admin/content/signoff/facts/{public.entry_id}/", whose="clinician"),
        }

    def test_pictures_show_the_admin_as_it_is(self) -> None:
        self.given_work_of_all_kinds()
        desks = {"editor": self.given_a_desk(self.editor), "clinician": self.given_a_desk(self.clinician)}
        taken, words = {}, {}
        for name, shown in self.shown.items():
            page = desks[shown.whose].open(shown.address)
            if shown.begin:
                shown.begin(page)
            part = page.locator(shown.part).filter(visible=True).last
            words[name] = part.evaluate(WORDS)
            if TAKES:
                taken[name] = {**picture(page, part, name, end=shown.end), "words": words[name]}
        if TAKES:
            (PICTURES / "pictures.json").write_text(json.dumps(taken, indent=1, ensure_ascii=False) + "\n")
        kept = json.loads((PICTURES / "pictures.json").read_text(encoding="utf-8"))
        assert {name: about["words"] for name, about in kept.items()} == words, (
            "The admin changed: make handbook"
        )
        for name, about in kept.items():
            path = PICTURES / f"{name}.webp"
            with Image.open(path) as image:
                assert image.size == (about["width"], about["height"])
            assert path.stat().st_size <= HEAVIEST, name
        self.then_the_handbook_is_read(desks["editor"])

    def given_a_desk(self, user: User):
        desk = self.let_in(width=WIDTH, height=TALLEST)
        desk.sign_in(user)
        desk.page.on("dialog", lambda dialog: dialog.accept())  # leaves what it began to type
        return desk

    def then_the_handbook_is_read(self, desk) -> None:
        """It shows every picture, its own links lead to a chapter, and everybody can use it on any screen."""
        pictures = set()
        for whose in ("editors", "reviewers"):
            address = f"/admin/handbook/{whose}/"
            assert desk.problems_at(address, widths=(WIDTH, PHONE)) == []
            page = desk.page
            pictures |= {
                re.search(r"handbook/(\w+)", one.get_attribute("src"))[1]
                for one in page.locator("figure img").all()
            }
            goals = [one.get_attribute("href") for one in page.locator(".handbook nav ol a").all()]
            assert all(page.locator(goal).count() == 1 for goal in goals)
        assert pictures == set(self.shown)


def picture(page: Page, part: Locator, name: str, *, end: bool) -> dict[str, int]:
    """Takes one of what fits on the screen, and says how large it is."""
    page.evaluate("end => scrollTo(0, end ? document.body.scrollHeight : 0)", end)
    if not end:
        part.evaluate("part => scrollTo(0, part.getBoundingClientRect().top + scrollY - 8)")
    page.evaluate("document.activeElement.blur(); document.fonts.ready")
    box = part.bounding_box()
    top, bottom = max(box["y"], 300 if end else 0), min(box["y"] + box["height"], TALLEST)
    clip = {**box, "y": top, "height": bottom - top}
    image = Image.open(io.BytesIO(page.screenshot(clip=clip, animations="disabled", caret="hide")))
    PICTURES.mkdir(exist_ok=True)
    image.convert("RGB").save(PICTURES / f"{name}.webp", quality=60, method=6)
    return {"width": image.width, "height": image.height}


def test_what_the_handbook_names_is_there(editor: User, client: Client) -> None:
    """Each bold word stands on a page of the admin, and Help leads there."""
    client.force_login(editor)
    assert 'href="/admin/handbook/editors/"' in client.get("/admin/").content.decode()
    toolbar = client.get("/drugs/pembrolizumab/").content.decode()
    assert "/admin/handbook/reviewers/" in toolbar
    assert "discord" not in toolbar
    kept = json.loads((PICTURES / "pictures.json").read_text(encoding="utf-8"))
    seen = " ".join(word for about in kept.values() for word in about["words"])
    assert [word for word in named() if word not in seen and not in_templates(word)] == []


def named() -> Iterator[str]:
    for whose in ("editors", "reviewers"):
        text = (PICTURES.parents[2] / "templates" / "admin" / "handbook" / f"{whose}.html").read_text()
        for word in re.findall(r"<strong>([^<]+)</strong>", text):
            if not word.endswith("."):  # a sentence begins a line of its list
                yield word


def in_templates(word: str) -> bool:
    """In the words of our own pages or of Django's."""
    root = PICTURES.parents[2]
    own = [
        path for folder in ("templates", "content", "immuno_site") for path in (root / folder).rglob("*.*")
    ]
    own = [path for path in own if path.suffix in {".html", ".py"} and "handbook" not in str(path)]
    return word.startswith(DJANGOS) or any(word.lower() in path.read_text("utf-8").lower() for path in own)
