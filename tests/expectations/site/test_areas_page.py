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
        "Do first",
        "Main figures",
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


def _summary(page: Structure) -> list[str]:
    """The sentences before the chart of months."""
    texts = [item for item in page.all("p") if "main" in item.ancestors]
    return [" ".join(item.text.split()) for item in texts[1:4]]


def test_an_area_s_page_begins_with_three_sentences(read: dict[str, Structure]) -> None:
    """Prevents a director from reading ten tables to learn how many, and compared with whom."""
    assert _summary(read["areas/373.html"])[:2] == [
        "In 2025-26 so far, 21 children went missing in Steelford: 3.50 per 1,000 children.",
        "This is not clearly different from the year before (20 children); similar areas had 1.25 "
        "per 1,000 children.",
    ]
    assert _summary(read["areas/E92000001.html"])[:2] == [
        "In 2025-26 so far, 40 children went missing in England: 2.50 per 1,000 children.",
        "This is less than in the year before (70 children).",
    ]


def test_a_rate_that_is_not_known_is_not_shown(read: dict[str, Structure]) -> None:
    """Prevents a rate, or a change, that nobody could compute."""
    page = read["areas/E23000001.html"]
    first, second, _ = _summary(page)
    assert first.startswith("In 2025-26 so far, 12 children went missing in the area of ")
    assert first.endswith("; the rate is not known.")
    assert second == (
        "This cannot be compared with the year before; England had 2.50 per 1,000 children."
    )


def test_an_area_is_compared_with_similar_areas_its_region_and_england(
    read: dict[str, Structure],
) -> None:
    """Prevents a comparison without a measure of noise, and an arrow for what is noise."""
    cells = [" ".join(item.text.split()) for item in read["areas/373.html"].all("th", "td")]
    start = cells.index("Children missing, per 1,000 children")
    assert cells[start - 6 : start + 12] == [
        *["Measure", "This area (95% interval)", "Change from the year before"],
        *["Similar areas (median)", "Region (median)", "England"],
        *["Children missing, per 1,000 children", "3.50 (2.80 to 4.20)", "no clear change"],
        *["1.25", "3.00", "2.50"],
        *["Absences, per 1,000 children", "13.3 (10.6 to 16.0)", "\N{UPWARDS ARROW} higher"],
        *["4.00", "5.00", "2.50"],
    ]


def test_the_first_task_is_the_longest_wait_or_a_silent_supplier(
    read: dict[str, Structure],
) -> None:
    """Prevents a page of figures after which nobody knows what to do."""
    tasks = {
        code: " ".join(item.text for item in read[f"areas/{code}.html"].all("div"))
        for code in ("373", "E92000001", "E23000001")
    }
    silent = "Nothing usable has arrived for the periods due since 2026-01-30"
    assert f"Deliver the data that are due. {silent}" in tasks["373"]
    longest = "Of these, 8 have waited over 28 days. The longest wait is 120 days."
    overdue = f"Hold the overdue return interviews of 8 children. {longest}"
    assert f"Steelford: {overdue}" in tasks["E92000001"]
    assert "Nothing. No child waits for this area to act." in tasks["E23000001"]


def test_a_figure_that_is_not_known_says_why(read: dict[str, Structure]) -> None:
    """Prevents a page that denies ended absences because no authority recorded interviews."""
    figures = [" ".join(item.text.split()) for item in read["areas/373.html"].all("dt", "dd")]
    start = figures.index("Return interview held")
    assert figures[start + 1 : start + 3] == ["\N{EN DASH}", "no ended absence is in an extract"]


def test_the_list_of_areas_names_its_year(read: dict[str, Structure]) -> None:
    """Prevents figures of a year in progress under words about a year that has ended."""
    sentences = [" ".join(item.text.split()) for item in read["areas/index.html"].all("p")]
    lead = next(sentence for sentence in sentences if sentence.startswith("Every area"))
    assert lead.startswith("Every area for which the register counts children, in 2025-26 so far. ")
