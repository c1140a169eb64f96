"""The rows of any figure, listed on demand: ids and places of lines, never a value of a row.

The quality site has pages of rows only for some figures, because all figures would need too many.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import APIRouter, Request, Response

from interfaces.web.authorisation import SeesRows
from interfaces.web.csv_responses import build_csv_response
from interfaces.web.pages import Visitor, find_generation, render_page
from register.publishing import FigureError, FigureTrace, trace_figure_apart
from register.serving import build_area_copy

router = APIRouter()
PAGE, EXPORTED = 50, 1000
# The maximum number of filters that run at once. `register.publishing.figure_process` limits the
# memory and time of each.
MAX_FILTERS = 2
EXAMPLES = (
    ("agreement.fct_agreement", "status = 'police_only' and reason_code = 'D3'"),
    ("register.fct_rule_breaches", "rule_code = '566'"),
    ("register.fct_episodes", "is_open"),
)
COLUMNS = (
    "row_id",
    "report_or_breach_id",
    "supplier_code",
    "supplier_name",
    "delivery_id",
    "delivery_status",
    "file_name",
    "place",
)


class BusyError(RuntimeError):
    """Too many filters are running; the message says what to do."""


class FilterLimiter:
    """Limiter of simultaneous filters: one for each person, and few in total."""

    def __init__(self) -> None:
        self._running: set[str] = set()
        self._lock = threading.Lock()

    @contextmanager
    def run_filter(self, name: str) -> Iterator[None]:
        """Run a person's filter in the block. Raises `BusyError` at once if too many run."""
        with self._lock:
            if name in self._running:
                raise BusyError("Your earlier filter is still running. Wait for it to end.")
            if len(self._running) >= MAX_FILTERS:
                raise BusyError("Filters of other people are running. Try again in a minute.")
            self._running.add(name)
        try:
            yield
        finally:
            with self._lock:
                self._running.discard(name)


@router.get("/rows")
def show_rows(
    request: Request, visitor: SeesRows, mart: str = "", where: str = "", page: int = 1
) -> Response:
    """Show a page of a figure's rows, each with the delivered lines behind it."""
    generation = find_generation(request)
    number, fault = max(page, 1), ""
    figure: FigureTrace | None = None
    if mart:
        try:
            figure = _trace_rows(request, visitor, mart, where, (PAGE, (number - 1) * PAGE))
        except FigureError as error:
            fault = str(error)
    return render_page(
        request,
        "rows.html",
        visitor,
        400 if fault else 200,
        mart=mart,
        where=where,
        figure=figure,
        fault=fault,
        examples=EXAMPLES,
        page=number,
        page_count=max(1, -(-figure.row_count // PAGE)) if figure else 1,
        part_count=-(-figure.row_count // EXPORTED) if figure else 0,
        generation_id=generation.generation_id,
    )


@router.get("/rows.csv")
def export_rows(
    request: Request, visitor: SeesRows, mart: str, where: str = "", part: int = 1
) -> Response:
    """Export a part of a figure's rows as CSV."""
    generation = find_generation(request)
    number = max(part, 1)
    try:
        figure = _trace_rows(request, visitor, mart, where, (EXPORTED, (number - 1) * EXPORTED))
    except FigureError as error:
        return render_page(
            request, "message.html", visitor, 400, title="No such rows", text=str(error)
        )
    name = f"{mart}-{generation.generation_id}-{number}.csv"
    return build_csv_response(name, COLUMNS, _list_lines(figure))


def _trace_rows(
    request: Request, visitor: Visitor, mart: str, where: str, part: tuple[int, int]
) -> FigureTrace:
    """Trace rows in a separate process; `part` is how many rows to trace and how many to skip."""
    filters: FilterLimiter = request.app.state.filters
    generation, area_copy = find_generation(request), None
    with filters.run_filter(visitor.name):
        if not visitor.access.sees_everything("exact"):
            area_copy = build_area_copy(generation, visitor.access.list_areas("exact"), mart)
        return trace_figure_apart(generation, mart, where or "true", *part, area_copy=area_copy)


def _list_lines(figure: FigureTrace) -> Iterator[tuple[object, ...]]:
    for row in figure.rows:
        for line in row.lines:
            yield (
                row.identifier,
                line.row_id,
                line.supplier_code,
                line.supplier_name,
                line.delivery_id,
                line.delivery_status,
                line.file_name,
                line.place,
            )
