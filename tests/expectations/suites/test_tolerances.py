"""Tolerances are read from their seed, and figures are shown as they are: a little is not zero."""

from __future__ import annotations

from pathlib import Path

import pytest

from expectations.suites import ToleranceError, format_figure, format_tolerance, read_tolerances
from expectations.suites.tolerances import SEED

HEADER = SEED.read_text(encoding="utf-8").splitlines()[0]
GOOD = "some_code,share,nation,0.5,,warning,Because.,Somebody,2026-11-24"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (GOOD.replace("warning", "fatal"), "line 2: severity"),
        (GOOD.replace("share", "median"), "line 2: measure"),
        (GOOD.replace("0.5", "half"), "line 2: minimum and maximum"),
        (GOOD.replace("Because.", ""), "line 2: a tolerance needs its reason"),
        (f"{GOOD}\n{GOOD}", "line 3: the code is there twice"),
    ],
)
def test_a_bad_line_of_the_seed_is_named(tmp_path: Path, line: str, message: str) -> None:
    """Prevents a tolerance that is silently not applied."""
    seed = tmp_path / "tolerances.csv"
    seed.write_text(f"{HEADER}\n{line}\n", encoding="utf-8")
    with pytest.raises(ToleranceError, match=message):
        read_tolerances(seed)


@pytest.mark.parametrize(
    ("measure", "minimum", "maximum", "text"),
    [
        ("share", 0.95, None, "at least 95%"),
        ("share", None, 0.025, "at most 2.5%"),
        ("share", 1.0, None, "all"),
        ("share", 0.2, 0.4, "20% to 40%"),
        ("count", None, 0.0, "none allowed"),
        ("count", 1.0, None, "at least 1"),
        ("count", None, None, "no limit: shown for its history"),
    ],
)
def test_a_tolerance_is_said_in_words(
    measure: str, minimum: float | None, maximum: float | None, text: str
) -> None:
    """Prevents an interval that reads as its opposite."""
    assert format_tolerance(measure, minimum, maximum) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0%"),
        (0.0004, "under 0.1%"),
        (0.554, "55.4%"),
        (0.9996, "over 99.9%"),
        (1.0, "100%"),
        (None, "not measured"),
    ],
)
def test_a_share_that_is_not_nothing_never_reads_as_nothing(value: float, text: str) -> None:
    """Prevents a failed check with an observed figure of "0%"."""
    assert format_figure("share", value) == text
