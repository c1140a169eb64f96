"""Charts that are drawn in a process beside, while this one measures and writes pages.

Drawing takes about half of the site's time, and what draws holds Python's lock. What a chart shows
belongs in `charts`.
"""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from multiprocessing import get_context

import altair as alt

from register.charts import svg_element
from register.processes import end_with_parent

logger = logging.getLogger(__name__)

AnyChart = alt.Chart | alt.LayerChart | alt.FacetChart
_BESIDE: ContextVar[ProcessPoolExecutor | None] = ContextVar("drawing_beside", default=None)


class Drawn:
    """A chart as an SVG element, which a page waits for where it shows it."""

    def __init__(self, chart: AnyChart, label: str) -> None:
        self._chart, self._label = chart, label
        beside = _BESIDE.get()
        self._svg: Future[str] | None = None
        if beside is not None:
            with suppress(BrokenProcessPool):
                self._svg = beside.submit(svg_element, chart, label)

    def __html__(self) -> str:
        """The element; drawn here, where nothing draws beside or what did has ended."""
        if self._svg is not None:
            with suppress(BrokenProcessPool, CancelledError):
                return self._svg.result()
        return svg_element(self._chart, self._label)


@contextmanager
def drawing_beside() -> Iterator[None]:
    """Draw the charts of what runs inside in a process beside, which starts at once."""
    if _BESIDE.get() is not None:
        yield
        return
    beside = _start_drawing()
    if beside is None:
        yield
        return
    token = _BESIDE.set(beside)
    try:
        yield
    finally:
        _BESIDE.reset(token)
        beside.shutdown(cancel_futures=True)


def _start_drawing() -> ProcessPoolExecutor | None:
    """A process that draws; none on a machine that has no semaphores or no room for another."""
    try:
        beside = ProcessPoolExecutor(
            1,
            mp_context=get_context("spawn"),
            initializer=_begin_drawing,
            initargs=(os.getpid(),),
        )
        # The first chart of a process takes a second.
        beside.submit(svg_element, alt.Chart().mark_point(), "")
    except (OSError, NotImplementedError) as error:
        logger.info("charts are drawn one after the other: %s", error)
        return None
    return beside


def _begin_drawing(starter: int) -> None:
    """End with the process that asks for charts, which alone answers a person's Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent(starter)
