"""Every pair of colors that text is set in keeps the contrast that tokens.css promises."""

import re

import pytest
from django.conf import settings

TOKENS = (settings.ROOT / "static/css/tokens.css").read_text(encoding="utf-8")
COLORS = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", TOKENS))
GROUNDS = ("paper", "card", "mist", "apricot-mist")

PAIRS = [
    *[("ink", ground, 7) for ground in (*GROUNDS, "today", "emergency-mist", "today-mist", "visit-mist")],
    *[("ink", "focus-halo", 7)],
    *[(words, ground, 4.5) for words in ("ink-soft", "brand", "visited") for ground in GROUNDS],
    *[("brand-deep", ground, 7) for ground in GROUNDS],
    *[("on-dark", ground, 4.5) for ground in ("brand", "brand-deep", "emergency", "visit")],
    *[("emergency", ground, 4.5) for ground in ("paper", "card", "emergency-mist")],
    *[("brand", ground, 4.5) for ground in ("emergency-mist", "today-mist", "visit-mist", "focus-halo")],
    *[("apricot-deep", ground, 4.5) for ground in ("paper", "card", "apricot-mist")],
    # Edges that carry meaning, and the ring of focus.
    *[(edge, ground, 3) for edge in ("edge-strong", "focus", "good") for ground in ("paper", "card")],
]


def luminance(color: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    channels = (int(color[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("words", "ground", "least"), PAIRS)
def test_contrast(words: str, ground: str, least: float) -> None:
    assert contrast(COLORS[words], COLORS[ground]) >= least


def test_raw_colors_only_in_tokens() -> None:
    for name in ("base", "components"):
        text = (settings.ROOT / f"static/css/{name}.css").read_text(encoding="utf-8")
        assert not re.findall(r"#[0-9a-f]{3,8}\b", text), name
