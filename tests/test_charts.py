"""Charts are labelled, whole and legible, whatever is drawn in them."""

from __future__ import annotations

import pytest
from defusedxml import ElementTree

from register.charts import (
    KINDS,
    LETTER,
    PERCENT_TICKS,
    WIDTH,
    RowChart,
    draw_stacked_chart,
    round_ticks,
)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 0, ["0", "1"]),
        (0, 9, ["0", "2", "4", "6", "8", "10"]),
        (0, 173, ["0", "50", "100", "150", "200"]),
        (0, 861_000, ["0", "200,000", "400,000", "600,000", "800,000", "1,000,000"]),
        (-14.2, 12.6, ["-20", "-10", "0", "10", "20"]),
    ],
)
def test_an_axis_has_few_round_numbers_that_hold_every_value(
    low: float, high: float, expected: list[str]
) -> None:
    """Prevents an axis of 2.5 absences, shown as 2, and bars that run past its end."""
    assert [label for _, label in round_ticks(low, high)] == expected


def test_what_a_chart_says_is_text_and_its_figures_are_said() -> None:
    """Prevents a name that becomes part of the page, and a picture without words."""
    chart = RowChart(["<b>Leeds</b>"], PERCENT_TICKS)
    drawn = chart.draw(
        'Shares & "counts"', [chart.draw_bar(0, 0, 0.5, "#12436D")], "<b>Leeds</b>: 50%"
    )
    picture = ElementTree.fromstring(drawn)
    assert picture.attrib["role"] == "img"
    assert picture.attrib["aria-label"] == 'Shares & "counts"'
    assert picture.findtext("desc") == "<b>Leeds</b>: 50%"
    assert [each.text for each in picture.iter("text")][-1] == "<b>Leeds</b>"


def test_a_bar_is_as_long_as_its_value_and_names_have_room() -> None:
    """Prevents bars that say something else than the axis, and names that begin off the picture."""
    chart = RowChart(["x" * 90, "Leeds"], round_ticks(0, 10), "Absences")
    marks = [chart.draw_bar(0, 0, 10, "#12436D"), chart.draw_bar(1, 0, 5, "#12436D")]
    picture = ElementTree.fromstring(chart.draw("Absences", marks))
    long, short = (float(bar.attrib["width"]) for bar in picture.iter("rect"))
    assert short == pytest.approx(long / 2, abs=0.1)
    (names,) = [group for group in picture.iter("g") if group.attrib.get("class") == "names"]
    for name in names.iter("text"):
        assert float(name.attrib["x"]) - LETTER * len(name.text or "") >= 0
    assert len(next(names.iter("text")).text or "") < 90
    assert max(float(each.attrib["x"]) for each in picture.iter("text")) < WIDTH


def test_parts_of_a_bar_are_shares_of_its_row_in_one_order() -> None:
    """Prevents a row of few absences from a shorter bar, and kinds that change places."""
    rows = {"2025": {"b": 1.0, "a": 3.0}, "2026": {"a": 10.0, "b": 0.0}, "2027": "suppressed"}
    colours = {"a": "#12436D", "b": "#C4500F"}
    picture = ElementTree.fromstring(draw_stacked_chart(rows, colours, "Shares", "Shares"))
    bars = [(bar.attrib["fill"], float(bar.attrib["width"])) for bar in picture.iter("rect")]
    assert [fill for fill, _ in bars] == ["#12436D", "#C4500F", "#12436D"]
    full_width = bars[2][1]
    assert [width / full_width for _, width in bars] == pytest.approx([0.75, 0.25, 1], abs=0.001)
    assert [each.text for each in picture.iter("text")].count("suppressed") == 1


def test_a_legend_of_long_names_stays_on_the_picture() -> None:
    """Prevents a kind whose name is cut off, since nothing else says what its colour is."""
    kinds = [f"D{number} {'x' * 50}" for number in range(6)]
    rows = {"2026": dict.fromkeys(kinds, 1.0)}
    picture = ElementTree.fromstring(
        draw_stacked_chart(rows, dict(zip(kinds, KINDS, strict=False)), "Why", "Why")
    )
    legend = {each.text: float(each.attrib["x"]) for each in picture.iter("text")}
    assert set(kinds) <= legend.keys()
    assert all(legend[kind] + LETTER * len(kind) <= WIDTH for kind in kinds)
    bars = [float(each.attrib["y"]) for each in picture.iter("rect")]
    dots = [float(each.attrib["cy"]) for each in picture.iter("circle")]
    assert max(dots) < min(bars)
