"""The rows of a figure, made on demand: ids and places of lines, never a value of a row.

The quality site has the rows of its figures as pages; what would be too many pages is made here.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import APIRouter, Request, Response

from interfaces.web.asking import SignedIn
from interfaces.web.csv_answers import csv_answer
from interfaces.web.pages import Visitor, generation_of, show
from register.publishing import FigureError, FigureTrace, trace_figure_apart

router = APIRouter()
PAGE, EXPORTED = 50, 1000
# Each may take the memory and the time of `register.publishing.figure_process`.
MOST_FILTERS = 2
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
    """As many filters run as may; the message says what to do."""


class Filters:
    """The filters that run: one of each person, and few of all together."""

    def __init__(self) -> None:
        self._running: set[str] = set()
        self._lock = threading.Lock()

    @contextmanager
    def run(self, name: str) -> Iterator[None]:
        """Run a filter of a person. Raises `BusyError` at once where it would be one too many."""
        with self._lock:
            if name in self._running:
                raise BusyError("A filter of yours is running. Wait for it to end.")
            if len(self._running) >= MOST_FILTERS:
                raise BusyError("Filters of other people are running. Try again in a minute.")
            self._running.add(name)
        try:
            yield
        finally:
            with self._lock:
                self._running.discard(name)


@router.get("/rows")
def rows(
    request: Request, visitor: SignedIn, mart: str = "", where: str = "", page: int = 1
) -> Response:
    """A figure's rows, a page at a time, each with the delivered lines behind it."""
    generation = generation_of(request)
    number, fault = max(page, 1), ""
    found: FigureTrace | None = None
    if mart:
        try:
            found = _trace(request, visitor, mart, where, (PAGE, (number - 1) * PAGE))
        except FigureError as error:
            fault = str(error)
    return show(
        request,
        "rows.html",
        visitor,
        400 if fault else 200,
        mart=mart,
        where=where,
        found=found,
        fault=fault,
        examples=EXAMPLES,
        page=number,
        page_count=max(1, -(-found.row_count // PAGE)) if found else 1,
        part_count=-(-found.row_count // EXPORTED) if found else 0,
        generation_id=generation.generation_id,
    )


@router.get("/rows.csv")
def rows_as_csv(
    request: Request, visitor: SignedIn, mart: str, where: str = "", part: int = 1
) -> Response:
    """A part of a figure's rows as CSV."""
    generation = generation_of(request)
    number = max(part, 1)
    try:
        found = _trace(request, visitor, mart, where, (EXPORTED, (number - 1) * EXPORTED))
    except FigureError as error:
        return show(request, "message.html", visitor, 400, title="No such rows", text=str(error))
    name = f"{mart}-{generation.generation_id}-{number}.csv"
    return csv_answer(name, COLUMNS, _cells(found))


def _trace(
    request: Request, visitor: Visitor, mart: str, where: str, part: tuple[int, int]
) -> FigureTrace:
    """Rows from a process of their own; `part` is how many, after how many."""
    filters: Filters = request.app.state.filters
    with filters.run(visitor.name):
        return trace_figure_apart(generation_of(request), mart, where or "true", *part)


def _cells(found: FigureTrace) -> Iterator[tuple[object, ...]]:
    for row in found.rows:
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
