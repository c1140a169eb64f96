"""Charts that are drawn in a process beside, while this one measures and writes pages.

Drawing takes about half of the site's time, and what draws holds Python's lock. What a chart shows
belongs in `charts`.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from multiprocessing import get_context

import altair as alt

from register.processes import end_with_parent

AnyChart = alt.Chart | alt.LayerChart | alt.FacetChart
# Names that only a file of its own needs, and roles inside what is one image.
SURPLUS = re.compile(r'\s+(xmlns(:\w+)?|role|aria-roledescription)="[^"]*"')
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


def svg_element(chart: AnyChart, label: str) -> str:
    """The chart as an SVG element for a page, labelled for those who do not see it."""
    stream = io.StringIO()
    chart.save(stream, format="svg")
    drawn = stream.getvalue()
    opened = f'<svg role="img" focusable="false" aria-label="{html.escape(label, quote=True)}"'
    return SURPLUS.sub("", drawn[drawn.index("<svg") :]).replace("<svg", opened, 1)


@contextmanager
def drawing_beside() -> Iterator[None]:
    """Draw the charts of what runs inside in a process beside, which starts at once."""
    if _BESIDE.get() is not None:
        yield
        return
    with ProcessPoolExecutor(
        1, mp_context=get_context("spawn"), initializer=end_with_parent
    ) as beside:
        token = _BESIDE.set(beside)
        # The first chart of a process takes a second.
        beside.submit(svg_element, alt.Chart().mark_point(), "")
        try:
            yield
        finally:
            _BESIDE.reset(token)
            beside.shutdown(cancel_futures=True)
