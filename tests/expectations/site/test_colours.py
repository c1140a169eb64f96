"""Colours can be told from their background: contrast computed as WCAG 2.2 defines it."""

from __future__ import annotations

import pytest

from register.appearance import read_colours
from register.charts import BREAK, INK, KINDS

# Text on its background, and graphics against white: WCAG 2.2 asks 4.5:1 and 3:1.
TEXT_PAIRS = (
    ("ink", "paper"),
    ("ink", "wash"),
    ("ink", "focus"),
    ("ink", "care-wash"),
    ("ink", "failed-wash"),
    ("quiet", "paper"),
    ("quiet", "wash"),
    ("link", "paper"),
    ("link", "wash"),
    ("link", "care-wash"),
    ("link", "failed-wash"),
    ("link-visited", "paper"),
    ("link-visited", "wash"),
    ("paper", "blue"),
    ("passed", "passed-wash"),
    ("failed", "failed-wash"),
    ("care", "care-wash"),
)
PALETTE = read_colours()


def _luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in channels
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_computed_as_defined() -> None:
    """Prevents a formula that finds everything legible."""
    assert _contrast("#000000", "#ffffff") == pytest.approx(21)
    assert _contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(("text", "background"), TEXT_PAIRS)
def test_text_can_be_read_on_its_background(text: str, background: str) -> None:
    """Prevents pale text."""
    assert _contrast(PALETTE[text], PALETTE[background]) >= 4.5


@pytest.mark.parametrize("colour", [*KINDS, BREAK, INK])
def test_charts_stand_out_against_the_page(colour: str) -> None:
    """Prevents bars that cannot be seen."""
    assert _contrast(colour, "#ffffff") >= 3
