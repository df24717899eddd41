"""Drawings that explain: every kind of therapy has one, whoever cannot see it is told, and none lies unused."""

import re
import tomllib
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string

from content.models import TherapyClassContent
from content.page.aids import OF_ENTRY, THERMOMETER
from content.page.diagrams import DIAGRAMS, OF_CANCER
from content.page.drawings import BODY_PARTS
from tests.stocks import REAL

pytestmark = pytest.mark.stock

AIDS = {aid.drawing: aid for aid in (THERMOMETER, *(aid for _section, aid in OF_ENTRY.values()))}
DRAWN = {path.stem: path for path in (Path(settings.ROOT) / "templates/drawings").glob("*.svg")}


def of_therapy(path: Path) -> str:
    return tomllib.loads(path.read_text(encoding="utf-8").split("+++")[1]).get("diagram", "")


def drawn(name: str) -> str:
    return render_to_string("components/diagram.html", {"diagram": DIAGRAMS[name], "numbers": []})


@pytest.mark.parametrize("path", sorted((REAL / "therapies").glob("*.md")), ids=lambda path: path.stem)
def test_every_kind_of_therapy_has_a_drawing(path: Path) -> None:
    assert of_therapy(path) in DIAGRAMS


def test_every_name_an_editor_can_choose_is_drawn() -> None:
    assert sorted(DIAGRAMS) == sorted(TherapyClassContent.Diagram.values)


@pytest.mark.parametrize("name", DIAGRAMS)
def test_drawing_is_told_to_who_cannot_see_it(name: str) -> None:
    """The words stand in the page, and no picture is read out a second time."""
    html = drawn(name)
    seen = str(DIAGRAMS[name].seen)
    assert len(seen) > 40
    assert f'alt="{seen}"' in html or f'<p class="spoken">{seen}</p>' in html
    assert html.count("<svg") == html.count('<svg class="draw" aria-hidden="true"')
    assert html.count("<li>") == len(DIAGRAMS[name].steps or DIAGRAMS[name].words) > 1


@pytest.mark.parametrize("name", ["checkpoint-inhibitor", "bispecific-antibody", "stages-melanoma"])
def test_what_is_what_in_a_drawing_stands_beside_it_as_text(name: str) -> None:
    names = str(DIAGRAMS[name].names)
    assert "cell" in names or "lymph nodes" in names
    assert names in drawn(name).partition('<ol class="steps')[0]


def test_no_drawing_lies_unused() -> None:
    pages = "".join(path.read_text(encoding="utf-8") for path in (REAL / "pages").glob("*.md"))
    used = {of_therapy(path) for path in (REAL / "therapies").glob("*.md")} | set(OF_CANCER.values())
    assert set(DIAGRAMS) == used | set(re.findall(r'block diagram name="([a-z-]+)"', pages))


def test_no_picture_lies_unused() -> None:
    steps = {step.drawing for diagram in DIAGRAMS.values() for step in diagram.steps}
    heads = {part.drawing for part in BODY_PARTS} | {"cells", "drip", "pancreas", "liver-1"}
    assert set(DRAWN) == steps | heads | set(AIDS)


@pytest.mark.parametrize("name", AIDS)
def test_picture_for_something_to_do_is_small_and_told_in_words(name: str) -> None:
    html = render_to_string("components/aid.html", {"aid": AIDS[name]})
    assert DRAWN[name].stat().st_size <= 600
    assert f'<p class="spoken">{AIDS[name].seen}</p>' in html or AIDS[name].marks
    assert html.count("<svg") == html.count('aria-hidden="true"') == 1


@pytest.mark.parametrize("name", DRAWN)
def test_picture_is_light_and_holds_no_words(name: str) -> None:
    text = DRAWN[name].read_text(encoding="utf-8")
    assert len(text) <= 3_000
    assert not re.search(r"<text|<title|<script|<image|\bstyle=|href=", text)


@pytest.mark.parametrize("name", [name for name, diagram in DIAGRAMS.items() if "stages" in name])
def test_stages_name_their_source(name: str) -> None:
    assert DIAGRAMS[name].sources
    for key in DIAGRAMS[name].sources:
        assert (REAL / f"sources/{key}.toml").exists()
