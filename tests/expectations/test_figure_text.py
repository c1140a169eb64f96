"""Figures are read as they are: a little is not nothing."""

from __future__ import annotations

import pytest

from expectations.suites.tolerances import figure_text


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
    """Prevents a failed check beside an observed figure of "0%"."""
    assert figure_text("share", value) == text
