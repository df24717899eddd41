"""The templates and static files keep the house's rules: one sheet, one script, nothing inline, inputs named."""

import re
from pathlib import Path

import brotli
import pytest
from django.conf import settings
from django.template.loader import render_to_string

from content.models import SideEffectContent
from immuno_site.management.commands.join_static import PARTS, joined
from immuno_site.staff.gallery import COMPONENTS, SAMPLES, samples

TEMPLATES = sorted((settings.ROOT / "templates").rglob("*.html"))
PUBLIC = [path for path in TEMPLATES if "admin" not in path.parts]
# Shown only inside the frame of every page.
FRAME = {"main_menu", "site_footer", "note"}
# What pages load beside their text, in bytes as sent (DESIGN.md section 8): every page, and all but those of entries.
BUDGET = {
    "site.css": 8_600,  # with what is for paper
    "site.js": 1_850,
    "img/icons.svg": 610,
    "fonts/literata-600.woff2": 4_600,
    "pages.css": 3_050,
    "pages.js": 800,
    "asking.js": 600,
    "suggest.css": 500,
    "suggest.js": 1_500,
    "device.css": 2_000,
    "device.js": 4_200,
    "note.js": 850,
    "offline.js": 1_000,
}


@pytest.mark.parametrize("name", PARTS)
def test_served_file_is_joined_from_its_parts(name: str) -> None:
    served = (settings.ROOT / "static" / name).read_text(encoding="utf-8")
    assert served == joined(name), "Run: manage.py join_static"


@pytest.mark.parametrize("name", BUDGET)
def test_weight(name: str) -> None:
    sent = brotli.compress((settings.ROOT / "static" / name).read_bytes())  # a font does not get smaller
    assert len(sent) <= BUDGET[name]


def test_all_scripts_together_weigh_little() -> None:
    """22 kB in all, and 6 where a page has no tool."""
    served = [settings.ROOT / "static" / name for name in PARTS if name.endswith(".js")]
    worker = settings.ROOT / "templates" / "offline_worker.js"
    weights = {path.name: len(brotli.compress(path.read_bytes())) for path in (*served, worker)}
    assert sum(weights.values()) <= 22_000
    assert weights["site.js"] + weights["pages.js"] <= 6_000


@pytest.mark.parametrize("path", PUBLIC, ids=lambda path: path.stem)
def test_nothing_inline(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.findall(r"<style|\bstyle=|<script(?![^>]*\bsrc=)|\son[a-z]+=|javascript:", text)


@pytest.mark.parametrize("path", PUBLIC, ids=lambda path: path.stem)
def test_includes_name_their_inputs(path: Path) -> None:
    for tag in re.findall(r"{% include .*?%}", path.read_text(encoding="utf-8")):
        assert tag.endswith(" only %}"), tag


@pytest.mark.parametrize("path", sorted(COMPONENTS.glob("*.html")), ids=lambda path: path.stem)
def test_component_says_what_it_is(path: Path) -> None:
    first_line = path.read_text(encoding="utf-8").splitlines()[0]
    assert re.match(r"{# .+\. Inputs: .+\. #}", first_line)


def test_body_map_has_every_part_once() -> None:
    """A part of the body that the picture leaves out would hide its side effects."""
    drawn = re.findall(r'code="([a-z-]+)"', (COMPONENTS / "body_map.html").read_text())
    assert sorted(drawn) == sorted(SideEffectContent.BodySystem.values)


def test_gallery_shows_every_component() -> None:
    shown = set(SAMPLES) | FRAME
    for path in COMPONENTS.glob("*.html"):
        inside = [f"components/{path.name}" in (COMPONENTS / f"{name}.html").read_text() for name in SAMPLES]
        assert path.stem in shown or any(inside), path.stem


def test_gallery_renders() -> None:
    for sample in samples():
        assert sample.html.strip(), sample.name
        assert "{%" not in sample.html, sample.name


@pytest.mark.parametrize(
    "path", sorted((settings.ROOT / "static/img").glob("*.svg")), ids=lambda path: path.stem
)
def test_drawings_hold_no_script_and_load_nothing(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.findall(
        r"<script|<style|\bstyle=|https?://(?!www\.w3\.org/2000/svg)|<image|<foreignObject", text
    )


@pytest.mark.parametrize(("numbers", "said"), [([12], "Source 12"), ([3, 12], "Sources 3, 12")])
def test_mark_says_if_it_is_one_source(numbers: list[int], said: str) -> None:
    assert f'aria-label="{said}"' in render_to_string("components/source_numbers.html", {"numbers": numbers})


def test_icons_all_exist() -> None:
    sprite = (settings.ROOT / "static/img/icons.svg").read_text(encoding="utf-8")
    drawn = set(re.findall(r'<symbol id="([a-z]+)"', sprite))
    used = {
        name
        for path in TEMPLATES
        for name in re.findall(
            r'components/icon\.html" (?:with )?name="([a-z]+)"', path.read_text(encoding="utf-8")
        )
    }
    assert used <= drawn
    assert drawn - used == {"logo"}
