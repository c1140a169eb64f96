"""Answering a question from the coarse form of a published generation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from register.answers.common_questions import (
    AnswerError,
    Count,
    Request,
    Selection,
    Share,
    Vocabulary,
)
from register.answers.named_areas import Area, find_areas, list_parts
from register.intervals import wilson_interval
from register.queries import read_query

TOTAL = "total"
SOURCES = ("police", "authority")
DELIVERIES = {
    "delivered": "Delivered",
    "in_part": "Delivered in part",
    "police_only": "Delivered by the police only",
    "authority_only": "Delivered by authorities only",
    "not_delivered": "Not delivered",
}
# Published shares have nine decimals (docs/reference/measures.md).
DECIMALS = 9

Row = dict[str, Any]


@dataclass(frozen=True)
class Column:
    """A column of an answer. `kind` is text, date, count or share."""

    name: str
    heading: str
    kind: str
    description: str = ""


@dataclass(frozen=True)
class Answer:
    """The rows of an answer, with what a reader needs to know about them."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    counts: tuple[Count, ...]
    shares: tuple[Share, ...]


def answer_question(
    published: Path, generation_id: str, vocabulary: Vocabulary, request: Request
) -> Answer:
    """Answer a question from the published file of a generation.

    Raises `AnswerError` for a name that is unknown, or if the register is empty.
    """
    selection = vocabulary.select(request)
    with duckdb.connect(
        str(published), read_only=True, config={"enable_external_access": "false"}
    ) as connection:
        areas = find_areas(connection, selection.areas)
        places = areas
        if selection.area_level is not None:
            places = list_parts(connection, areas, selection.area_level)
        periods = _list_periods(_read_last_year(connection), selection)
        cursor = connection.execute(_write_query(selection, places, periods))
        columns = [column[0] for column in cursor.description or ()]
        records = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    listed = tuple(_list_columns(selection))
    rows = tuple(_build_row(selection, listed, row) for row in records)
    return Answer(
        _write_title(selection, areas),
        listed,
        rows,
        tuple(_write_notes(selection, rows, generation_id)),
        selection.question.counts,
        selection.question.shares,
    )


def _read_last_year(connection: duckdb.DuckDBPyConnection) -> int:
    """Return the year in which the last collection year with an absence begins."""
    last = connection.execute("select max(collection_year) from bi.episodes").fetchone()
    if last is None or last[0] is None:
        raise AnswerError("the register has no absences yet")
    return int(str(last[0])[:4])


def _list_periods(last_year: int, selection: Selection) -> list[tuple[str, date, date]]:
    """Return the periods of the last collection years, each with its first and last day."""
    months = {"month": 1, "quarter": 3, "year": 12}[selection.per]
    periods = []
    for place in range(0, 12 * selection.years, months):
        first = _first_day(last_year - selection.years + 1, place)
        last = _first_day(last_year - selection.years + 1, place + months) - timedelta(days=1)
        name = {
            "month": f"{first:%Y-%m}",
            "quarter": f"{first:%Y}-Q{(first.month + 2) // 3}",
            "year": f"{first:%Y}-{last:%y}",
        }[selection.per]
        periods.append((name, first, last))
    return periods


def _first_day(year: int, months: int) -> date:
    """Return the first day of the month that begins so many months after 1 April of a year."""
    place = 3 + months
    return date(year + place // 12, place % 12 + 1, 1)


def _write_query(
    selection: Selection,
    areas: Sequence[Area],
    periods: Sequence[tuple[str, date, date]],
) -> str:
    characteristic = selection.characteristic
    choices: list[tuple[Any, ...]] = [(0, TOTAL, "Total", False)]
    if characteristic is not None:
        for values, is_rest in ((characteristic.values, False), (characteristic.rest, True)):
            choices += [
                (len(choices) + place, code, label, is_rest)
                for place, (code, label) in enumerate(values.items())
            ]
    counts = selection.question.all_counts
    return read_query(
        __package__,
        "counts_by_area_period",
        areas=_write_rows((place, area.level, area.code) for place, area in enumerate(areas)),
        periods=_write_rows(periods),
        choices=_write_rows(choices),
        column=characteristic.column if characteristic else "cast(null as varchar)",
        condition=selection.population.condition,
        shares=", ".join(
            f"coalesce(delivered.{source}_share, 0)"
            for source in SOURCES
            if source in selection.question.sources
        ),
        counts=", ".join(f"{count.expression} as {count.name}" for count in counts),
        filled=", ".join(
            f"coalesce(nullif(counted.{count.name}, 0),"
            f" case when judged.delivery_code != 'not_delivered' then 0 end) as {count.name}"
            for count in counts
        ),
    )


def _write_rows(rows: Iterable[Sequence[Any]]) -> str:
    """Return rows as SQL literals."""
    return ", ".join(f"({', '.join(map(_write_literal, row))})" for row in rows)


def _write_literal(value: Any) -> str:
    if isinstance(value, date):
        return f"date '{value.isoformat()}'"
    if isinstance(value, bool | int):
        return str(value).lower()
    return "'" + str(value).replace("'", "''") + "'"


def _list_columns(selection: Selection) -> Iterable[Column]:
    yield Column("area_name", "Area", "text")
    yield Column("period_name", selection.per.capitalize(), "text")
    yield Column("period_start", "First day", "date")
    yield Column("period_end", "Last day", "date")
    if selection.characteristic is not None:
        name = selection.characteristic.name.replace("-", "_") + "_name"
        yield Column(name, selection.characteristic.label, "text")
    yield Column("delivery_name", "Deliveries", "text")
    listed = {count.name for count in selection.question.counts}
    for count in selection.question.counts:
        yield Column(count.name, count.label, "count", count.description)
    for share in selection.question.shares:
        for count in (share.denominator, share.numerator):
            if count.name not in listed:
                listed.add(count.name)
                yield Column(count.name, count.label, "count", count.description)
        yield Column(share.name, share.label, "share", share.description)
        for end in ("lower", "upper"):
            yield Column(f"{share.name}_{end}", f"{share.label}, 95 % {end}", "share")


def _build_row(selection: Selection, columns: Sequence[Column], row: Row) -> Row:
    """Return a row of the answer, with its shares and their intervals."""
    figures = {**row, "delivery_name": DELIVERIES[row["delivery_code"]]}
    for share in selection.question.shares:
        part, total = row[share.numerator.name], row[share.denominator.name]
        is_known = part is not None and total and row[share.needs.name]
        interval = wilson_interval(part, total) if is_known else None
        for ending, end in (("", "estimate"), ("_lower", "lower"), ("_upper", "upper")):
            value = round(getattr(interval, end), DECIMALS) if interval else None
            figures[f"{share.name}{ending}"] = value
    return {
        column.name: figures[column.name if column.name in figures else "value_name"]
        for column in columns
    }


def _write_title(selection: Selection, areas: Sequence[Area]) -> str:
    ways = [selection.characteristic.name] if selection.characteristic else []
    ways += [selection.area_level] if selection.area_level else []
    name = selection.question.name.replace("-", " ").capitalize()
    return (
        f"{name}: {', '.join(area.name for area in areas)}, per {selection.per}"
        + (f", by {re.sub('[-_]', ' ', ' and '.join(ways))}" if ways else "")
        + f", over {selection.years} year{'s' if selection.years > 1 else ''}."
        f" Population: {selection.population.label}."
    )


def _write_notes(selection: Selection, rows: Sequence[Row], generation_id: str) -> Iterable[str]:
    states = {row["delivery_name"] for row in rows}
    none, every = DELIVERIES["not_delivered"], DELIVERIES["delivered"]
    yield f"Generation {generation_id}, coarse form."
    if none in states:
        yield "Not delivered: the number is not known, so there is no figure."
    if states - {none, every}:
        yield "Delivered in part or by one source only: the number is at least this."
    yield "Suppliers that never delivered do not count in the column Deliveries."
    yield "Counts of children do not add up over areas, periods or values."
    if selection.question.shares:
        yield "Intervals are Wilson 95 % intervals. Without a denominator there is no share."
    yield "These are exact counts. Do not publish them: use a release."
