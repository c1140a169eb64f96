"""An area's page says how many of its children went missing, beside its peers."""

from __future__ import annotations

import pytest
from scipy.stats import binom

from interfaces.quality_site.funnel import compute_limit, compute_limits, draw_area_funnel
from tests.expectations.reading import Structure


def test_an_area_s_page_begins_with_children_and_ends_with_deliveries(
    read: dict[str, Structure],
) -> None:
    """Prevents an authority's page that does not say how many of its children went missing."""
    page = read["areas/373.html"]
    terms = [" ".join(item.text.split()) for item in page.all("dt", "dd")]
    year = "in 2025-26, in progress: police to 2026-03-31, authorities to 2025-12-31"
    assert terms[:3] == ["Children missing", "21", year]
    titles = [" ".join(item.text.split()) for item in page.all("h2")]
    assert titles == [
        "Children and absences",
        "Month by month",
        "Repeat absences",
        "Return interviews",
        "Who the children are",
        "Harm, exploitation and how children were found",
        "Compared with others",
        "What both sources know",
        "Why the two sources differ",
        "Children waiting for action",
        "Quality of delivery",
    ]
    assert any(item.attributes["href"] == "../suppliers/373.html" for item in page.all("a"))


@pytest.mark.parametrize("count", [7, 40, 350])
@pytest.mark.parametrize("tail", [0.001, 0.025, 0.975, 0.999])
def test_limits_of_a_funnel_are_those_of_the_binomial_distribution(count: int, tail: float) -> None:
    """Prevents limits of a formula that is wrong for few records."""
    full = binom.ppf(tail, count, 0.614)
    assert full - 1 <= compute_limit(0.614, count, tail) * count <= full


def test_limits_narrow_as_records_grow() -> None:
    """Prevents a funnel that opens the wrong way."""
    limits = compute_limits(0.6, 400)
    widths = [item.upper_95 - item.lower_95 for item in limits]
    assert widths[0] > widths[len(widths) // 2] > widths[-1]
    assert all(item.lower_998 <= item.lower_95 < 0.6 < item.upper_95 for item in limits[5:])


def test_a_funnel_marks_the_area_of_its_page() -> None:
    """Prevents a funnel in which nobody finds the area."""
    rows = [
        {"area_code": code, "name": f"Area {code}", "both_expected_count": 40, "both_share": share}
        for code, share in (("1", 0.5), ("2", 0.7), ("3", 0.6))
    ]
    drawn = draw_area_funnel(rows, "2", 0.6)
    assert drawn.count("<circle") == 3
    assert drawn.count(">Area 2</text>") == 1 and ">Area 1</text>" not in drawn
    assert draw_area_funnel(rows[:2], "2", 0.6) == ""
