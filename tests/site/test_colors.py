"""Every pair of colors that text is set in keeps the contrast that tokens.css promises."""

import re

import pytest
from django.conf import settings

TOKENS = (settings.ROOT / "static/css/tokens.css").read_text(encoding="utf-8")
LIGHT = dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", TOKENS))
PAIRED = {
    name: (light, dark)
    for name, light, dark in re.findall(r"--([a-z0-9-]+): light-dark\((#\w+), (#\w+)\)", TOKENS)
}
# What has no pair of its own is the same in the dark.
COLORS = {"light": LIGHT, "dark": LIGHT | {name: dark for name, (_light, dark) in PAIRED.items()}}
GROUNDS = ("paper", "card", "mist", "apricot-mist")

PAIRS = [
    *[("ink", ground, 7) for ground in (*GROUNDS, "emergency-mist", "today-mist", "visit-mist")],
    *[(words, ground, 4.5) for words in ("ink-soft", "brand", "visited") for ground in GROUNDS],
    *[("brand-deep", ground, 7) for ground in GROUNDS],
    *[(f"{ground}-words", ground, 4.5) for ground in ("button", "foot", "emergency", "today", "visit")],
    ("button-words", "button-hover", 4.5),
    *[("emergency-ink", ground, 4.5) for ground in ("paper", "card", "emergency-mist")],
    *[("today-ink", ground, 4.5) for ground in ("card", "today-mist")],
    *[("brand", ground, 4.5) for ground in ("emergency-mist", "today-mist", "visit-mist")],
    *[("apricot-deep", ground, 4.5) for ground in ("paper", "card", "apricot-mist")],
    # Edges and pictures that carry meaning, and the ring of focus.
    *[
        (edge, ground, 3)
        for edge in ("edge-strong", "focus", "good", "benefit", "harm", "draw-line")
        for ground in ("paper", "card")
    ],
    ("benefit", "rest", 3),
]


def luminance(color: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    channels = (int(color[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("mode", COLORS)
@pytest.mark.parametrize(("words", "ground", "least"), PAIRS)
def test_contrast(words: str, ground: str, least: float, mode: str) -> None:
    assert contrast(COLORS[mode][words], COLORS[mode][ground]) >= least


def test_pair_begins_with_the_light_color() -> None:
    """Browsers that know no pairs have the light ones alone."""
    assert {name: light for name, (light, _dark) in PAIRED.items()} == {name: LIGHT[name] for name in PAIRED}


def test_raw_colors_only_in_tokens() -> None:
    for path in (settings.ROOT / "static/css").glob("*.css"):
        if path.stem not in ("tokens", "print"):  # paper has its own black
            assert not re.findall(r"#[0-9a-f]{3,8}\b", path.read_text(encoding="utf-8")), path.name
