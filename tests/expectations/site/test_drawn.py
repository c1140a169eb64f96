"""Charts drawn in a process beside are those that this one would draw."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable

import altair as alt
import pytest

from interfaces.quality_site import drawing_beside
from interfaces.quality_site.drawn import Drawn, svg_element

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
        "interfaces.quality_site.drawn.svg_element", lambda *of: shown_here.append(of) or here
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


@pytest.mark.parametrize("error", [OSError("read-only"), NotImplementedError("no semaphores")])
def test_charts_are_drawn_here_where_no_process_can_be_started(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Prevents a load that measures nothing on a machine without shared memory."""

    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("interfaces.quality_site.drawn.ProcessPoolExecutor", refuse)
    with drawing_beside():
        assert Drawn(CHART, LABEL).__html__() == svg_element(CHART, LABEL)


def test_what_draws_leaves_ctrl_c_to_the_load() -> None:
    """Prevents twenty lines of traceback from a process that nobody asked about."""
    with drawing_beside():
        drawn = Drawn(CHART, LABEL)
        assert drawn.__html__()
        (beside,) = multiprocessing.active_children()
        assert beside.pid is not None
        os.kill(beside.pid, signal.SIGINT)
        assert Drawn(CHART, LABEL).__html__() == drawn.__html__()
        assert beside.is_alive()
