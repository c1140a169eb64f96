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
    Asked,
    Count,
    Request,
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


def answer_question(published: Path, vocabulary: Vocabulary, request: Request) -> Answer:
    """Answer a question from a published file.

    Raises `AnswerError` for a name that is unknown, or if the register is empty.
    """
    asked = vocabulary.find_asked(request)
    with duckdb.connect(
        str(published), read_only=True, config={"enable_external_access": "false"}
    ) as connection:
        areas = find_areas(connection, asked.areas)
        places = areas
        if asked.area_level is not None:
            places = list_parts(connection, areas, asked.area_level)
        periods = _list_periods(_read_last_year(connection), asked)
        cursor = connection.execute(_write_query(asked, places, periods))
        columns = [column[0] for column in cursor.description or ()]
        found = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
        stamp = connection.execute(
            "select generation_id from register.published_generation"
        ).fetchone()
    listed = tuple(_list_columns(asked))
    rows = tuple(_build_row(asked, listed, row) for row in found)
    assert stamp is not None
    return Answer(
        _write_title(asked, areas),
        listed,
        rows,
        tuple(_write_notes(asked, rows, str(stamp[0]))),
        asked.question.counts,
        asked.question.shares,
    )


def _read_last_year(connection: duckdb.DuckDBPyConnection) -> int:
    """Return the year in which the last collection year with an absence begins."""
    last = connection.execute("select max(collection_year) from bi.episodes").fetchone()
    if last is None or last[0] is None:
        raise AnswerError("the register has no absences yet")
    return int(str(last[0])[:4])


def _list_periods(last_year: int, asked: Asked) -> list[tuple[str, date, date]]:
    """Return the periods of the last collection years, each with its first and last day."""
    months = {"month": 1, "quarter": 3, "year": 12}[asked.per]
    periods = []
    for place in range(0, 12 * asked.years, months):
        first = _first_day(last_year - asked.years + 1, place)
        last = _first_day(last_year - asked.years + 1, place + months) - timedelta(days=1)
        name = {
            "month": f"{first:%Y-%m}",
            "quarter": f"{first:%Y}-Q{(first.month + 2) // 3}",
            "year": f"{first:%Y}-{last:%y}",
        }[asked.per]
        periods.append((name, first, last))
    return periods


def _first_day(year: int, months: int) -> date:
    """Return the first day of the month that begins so many months after 1 April of a year."""
    place = 3 + months
    return date(year + place // 12, place % 12 + 1, 1)


def _write_query(
    asked: Asked,
    areas: Sequence[Area],
    periods: Sequence[tuple[str, date, date]],
) -> str:
    characteristic = asked.characteristic
    choices: list[tuple[Any, ...]] = [(0, TOTAL, "Total", False)]
    if characteristic is not None:
        for values, is_rest in ((characteristic.values, False), (characteristic.rest, True)):
            choices += [
                (len(choices) + place, code, label, is_rest)
                for place, (code, label) in enumerate(values.items())
            ]
    counts = asked.question.all_counts
    return read_query(
        __package__ or "",
        "counts_by_area_period",
        areas=_write_rows((place, area.level, area.code) for place, area in enumerate(areas)),
        periods=_write_rows(periods),
        choices=_write_rows(choices),
        column=characteristic.column if characteristic else "cast(null as varchar)",
        condition=asked.population.condition,
        sources=", ".join(
            str(place)
            for place, source in enumerate(SOURCES, start=1)
            if source in asked.question.sources
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


def _list_columns(asked: Asked) -> Iterable[Column]:
    yield Column("area_name", "Area", "text")
    yield Column("period_name", asked.per.capitalize(), "text")
    yield Column("period_start", "First day", "date")
    yield Column("period_end", "Last day", "date")
    if asked.characteristic is not None:
        name = asked.characteristic.name.replace("-", "_") + "_name"
        yield Column(name, asked.characteristic.label, "text")
    yield Column("delivery_name", "Deliveries", "text")
    listed = {count.name for count in asked.question.counts}
    for count in asked.question.counts:
        yield Column(count.name, count.label, "count", count.description)
    for share in asked.question.shares:
        for count in (share.denominator, share.numerator):
            if count.name not in listed:
                listed.add(count.name)
                yield Column(count.name, count.label, "count", count.description)
        yield Column(share.name, share.label, "share", share.description)
        for end in ("lower", "upper"):
            yield Column(f"{share.name}_{end}", f"{share.label}, 95 % {end}", "share")


def _build_row(asked: Asked, columns: Sequence[Column], row: Row) -> Row:
    """Return a row of the answer, with its shares and their intervals."""
    figures = {**row, "delivery_name": DELIVERIES[row["delivery_code"]]}
    for share in asked.question.shares:
        part, total = row[share.numerator.name], row[share.denominator.name]
        is_known = part is not None and total and row[share.needs.name]
        interval = wilson_interval(part, total) if is_known else None
        for name, value in (
            (share.name, interval and interval.estimate),
            (f"{share.name}_lower", interval and interval.lower),
            (f"{share.name}_upper", interval and interval.upper),
        ):
            figures[name] = None if value is None else round(value, DECIMALS)
    return {
        column.name: figures[column.name if column.name in figures else "value_name"]
        for column in columns
    }


def _write_title(asked: Asked, areas: Sequence[Area]) -> str:
    ways = [asked.characteristic.name] if asked.characteristic else []
    ways += [asked.area_level] if asked.area_level else []
    name = asked.question.name.replace("-", " ").capitalize()
    return (
        f"{name}: {', '.join(area.name for area in areas)}, per {asked.per}"
        + (f", by {re.sub('[-_]', ' ', ' and '.join(ways))}" if ways else "")
        + f", over {asked.years} year{'s' if asked.years > 1 else ''}."
        f" Population: {asked.population.label}."
    )


def _write_notes(asked: Asked, rows: Sequence[Row], generation_id: str) -> Iterable[str]:
    states = {row["delivery_name"] for row in rows}
    none, every = DELIVERIES["not_delivered"], DELIVERIES["delivered"]
    yield f"Generation {generation_id}, coarse form."
    if none in states:
        yield "Not delivered: the number is not known, so there is no figure."
    if states - {none, every}:
        yield "Delivered in part or by one source only: the number is at least this."
    yield "Suppliers that never delivered do not count in the column Deliveries."
    yield "Counts of children do not add up over areas, periods or values."
    if asked.question.shares:
        yield "Intervals are Wilson 95 % intervals. Without a denominator there is no share."
    yield "These are exact counts. Do not publish them: use a release."
