"""Counts of what a measurement leaves out: rows without a key, and values that cleaning cannot use.

`clean` decides what can be used. The counts contain no value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

import pyarrow as pa

from register.identity.clean import (
    OLDEST_BIRTH_DATE,
    ColumnsMap,
    clean_district,
    clean_identifier,
    clean_person_name,
    clean_postcode,
    compact_text,
    parse_birth_date,
)

# A date that shows the form of a pattern of the columns map.
SAMPLE_DATE = datetime(2010, 12, 31)  # noqa: DTZ001 - only its form matters


@dataclass(frozen=True)
class DroppedCounts:
    """Numbers of rows and of values that a labelled set has and a measurement does not use.

    `names` to `identifiers` count values that cleaning cannot use. For dates of birth these are
    days outside the plausible range or the calendar.
    """

    records_without_key: int = 0
    names: int = 0
    birth_dates: int = 0
    postcodes: int = 0
    identifiers: int = 0
    care_rows_without_key: int = 0
    truth_rows_without_key: int = 0
    truth_rows_of_no_mention: int = 0
    mentions_without_truth: int = 0


def count_unused_values(collected: pa.Table, records_without_key: int) -> DroppedCounts:
    """Count the values of collected mentions (`MENTION_SCHEMA`) that `clean_mentions` drops."""
    latest = collected["first_received_at"].to_pylist()
    return DroppedCounts(
        records_without_key=records_without_key,
        names=_count_unused(_list_items(collected["names"]), clean_person_name),
        birth_dates=sum(
            not OLDEST_BIRTH_DATE <= day <= received.date()
            for days, received in zip(collected["birth_dates"].to_pylist(), latest, strict=True)
            for day in days or ()
            if day is not None
        ),
        postcodes=_count_unused(
            _list_items(collected["postcodes"]),
            lambda text: clean_postcode(text) or clean_district(text),
        ),
        identifiers=_count_unused(_list_items(collected["identifiers"]), clean_identifier),
    )


def count_unused_cells(
    table: pa.Table, columns: ColumnsMap, records_without_key: int
) -> DroppedCounts:
    """Count the values of a person table that `mentions_from_tables` drops."""
    forenames, surnames = (
        _join_cells(table, each) for each in (columns.forenames, columns.surname)
    )
    names = [f"{one}|{other}" for one, other in zip(forenames, surnames, strict=True)]
    identifiers = (
        f"{kind}|{compact_text(text)}"
        for kind, name in columns.identifiers.items()
        for text in _list_cells(table, name)
    )
    return DroppedCounts(
        records_without_key=records_without_key,
        names=_count_unused(
            [
                *(name for name in names if name != "|"),
                *list_values(table, columns.aliases, columns),
            ],
            clean_person_name,
        ),
        birth_dates=sum(
            not _is_plausible(text, columns)
            for text in list_values(table, columns.birth_date, columns)
        ),
        postcodes=_count_unused(
            list_values(table, columns.postcodes, columns), lambda text: compact_text(text) or None
        ),
        identifiers=_count_unused(identifiers, clean_identifier),
    )


def list_values(
    table: pa.Table, names: str | list[str] | None, columns: ColumnsMap
) -> Iterator[str]:
    """Yield each value of some columns; a cell may have several."""
    for name in [names] if isinstance(names, str) else names or ():
        for cell in _list_cells(table, name):
            yield from split_cell(cell, columns)


def split_cell(cell: str, columns: ColumnsMap) -> list[str]:
    """Return the values of a cell of a person table."""
    return [text.strip() for text in cell.split(columns.list_separator) if text.strip()]


def has_date_form(text: str, columns: ColumnsMap) -> bool:
    """Say whether a text has the form of a date, even if the calendar lacks the day.

    With a pattern of the map, the form is that of its digits, letters and marks.
    """
    if parse_birth_date(text, columns) is not None:
        return True
    pattern = columns.birth_date_format
    return pattern is not None and _find_form(text) == _find_form(SAMPLE_DATE.strftime(pattern))


def _find_form(text: str) -> str:
    return re.sub(r"[^\W\d_]+", "A", re.sub(r"\d+", "9", text))


def _is_plausible(text: str, columns: ColumnsMap) -> bool:
    digits = parse_birth_date(text, columns)
    if digits is None:
        return False
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return day >= columns.oldest_birth_date


def _count_unused(texts: Iterable[str], clean: Callable[[str], str | None]) -> int:
    return sum(clean(text) is None for text in texts)


def _list_items(lists: pa.ChunkedArray) -> Iterator[str]:
    for items in lists.to_pylist():
        yield from (item for item in items or () if item)


def _list_cells(table: pa.Table, name: str) -> Iterator[str]:
    return (str(value) for value in table[name].to_pylist() if value is not None and value != "")


def _join_cells(table: pa.Table, names: str | list[str] | None) -> list[str]:
    listed = [names] if isinstance(names, str) else names or []
    if not listed:
        return [""] * table.num_rows
    rows = zip(*(table[name].to_pylist() for name in listed), strict=True)
    return [" ".join(str(cell) for cell in row if cell) for row in rows]
