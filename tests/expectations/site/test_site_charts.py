"""Charts that the site alone shows are whole, whatever is drawn in them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from defusedxml import ElementTree

from interfaces.quality_site.site_charts import Lag, Month, draw_lags, draw_months
from register.charts import LETTER, WIDTH


@pytest.mark.parametrize("hours", [(-2, 0, 1, 6, 40), (0, 0, 0, 0, 0), (-5e4, -9, 0, 9, 5e5)])
def test_lags_before_and_after_lie_in_their_order(hours: tuple[float, ...]) -> None:
    """Prevents a lag that is drawn off the axis, or on the wrong side of 0."""
    drawn = draw_lags([Lag("Start", *hours)], "Hours")
    picture = ElementTree.fromstring(drawn)
    marks = next(group for group in picture.iter("g") if group.attrib.get("class") == "marks")
    line, bar, median = list(marks)
    ends = [float(line.attrib["x1"]), float(bar.attrib["x"]), float(median.attrib["x1"])]
    ends += [ends[1] + float(bar.attrib["width"]), float(line.attrib["x2"])]
    assert ends == pytest.approx(sorted(ends), abs=0.15)
    assert ends[0] > 0 and ends[-1] < WIDTH


def test_a_month_that_was_not_delivered_has_no_bar_and_names_do_not_overlap() -> None:
    """Prevents a missing month that looks like one without absences, and names over each other."""
    months = [Month(f"2025-{number:02}", None if number == 5 else 9) for number in range(1, 40)]
    picture = ElementTree.fromstring(draw_months(months, "Reports"))
    assert len(list(picture.iter("rect"))) == len(months) - 1
    names = [each for each in picture.iter("text") if (each.text or "").startswith("2025-")]
    places = [float(each.attrib["x"]) for each in names]
    gaps = [after - before for before, after in pairwise(places)]
    assert min(gaps) > LETTER * 7
