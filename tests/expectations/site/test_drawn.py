"""Charts drawn in a process beside are those that this one would draw."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable

import altair as alt
import pytest

from expectations.site import drawing_beside
from expectations.site.drawn import Drawn, svg_element

CHART = alt.Chart(alt.Data(values=[{"x": 1}, {"x": 2}])).mark_point().encode(x="x:Q")
LABEL = 'Reports & "breaks"'


def _nothing() -> None:
    pass


def _kill_what_draws() -> None:
    for process in multiprocessing.active_children():
        process.kill()


@pytest.mark.parametrize("before_it_is_shown", [_nothing, _kill_what_draws])
def test_a_chart_is_the_same_wherever_it_is_drawn(
    monkeypatch: pytest.MonkeyPatch, before_it_is_shown: Callable[[], None]
) -> None:
    """Prevents a site without its charts, or a load that ends with the process that draws."""
    here = svg_element(CHART, LABEL)
    assert here.startswith('<svg role="img" focusable="false" aria-label="Reports &amp; &quot;')
    shown_here = []
    monkeypatch.setattr(
        "expectations.site.drawn.svg_element", lambda *of: shown_here.append(of) or here
    )
    assert Drawn(CHART, LABEL).__html__() == here
    assert shown_here == [(CHART, LABEL)]
    monkeypatch.undo()
    with drawing_beside(), drawing_beside():
        (beside,) = multiprocessing.active_children()
        drawn = Drawn(CHART, LABEL)
        before_it_is_shown()
        assert drawn.__html__() == here
        late = [Drawn(CHART, LABEL) for _ in range(9)]
    assert [each.__html__() for each in late] == [here] * 9
    assert not beside.is_alive()
    assert Drawn(CHART, LABEL).__html__() == here
