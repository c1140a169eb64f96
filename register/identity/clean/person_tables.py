"""Person tables: tables of persons in any layout, read with a map of their columns.

Such a table can become mentions, which are linked into children. It can also become persons, which
are only scored, by a model that may compare further columns. The register's own mentions become
persons in `persons`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from pydantic import BaseModel, ConfigDict, ValidationError

from register.identity.clean.fields import (
    OUTWARD_CODE,
    clean_identifier,
    clean_name,
    clean_postcode,
    compact_text,
)
from register.identity.clean.mentions import MENTION_SCHEMA, OLDEST_BIRTH_DATE
from register.identity.clean.persons import (
    COLLECTED_SCHEMA,
    PersonsError,
    shape_persons,
)
from register.yaml_file import read_yaml

ISO_DATE = re.compile(r"^(\d{4})-?(\d{2})-?(\d{2})(?:$|[T ])")
BRITISH_DATE = re.compile(r"^(\d{1,2})[/.](\d{1,2})[/.](\d{4})(?:$| )")
# Where DuckDB's message names the line of a CSV file that it cannot read.
FAULTY_LINE = re.compile(r"CSV Error on Line: (\d+)")

SEX_CODES = {"f": "female", "female": "female", "2": "female"} | {
    "m": "male", "male": "male", "1": "male"
}  # fmt: skip
SOURCES = ("police", "authority")
# Used if the column map names no source, or no column with the time of receipt.
SOURCE_OF_SIDE = {"left": "police", "right": "authority"}
RECEIVED_AT = datetime(2000, 1, 1)  # noqa: DTZ001 - UTC, as in the warehouse

Columns = str | list[str] | None


class ColumnsMap(BaseModel):
    """A map from fields to the columns of a person table; several columns may give one field.

    - `key` is the column that identifies a record.
    - `birth_date_format` is a strptime pattern; without it ISO, yyyymmdd and dd/mm/yyyy are read.
    - `identifiers` maps nhs, upn, home_office or police to a column.
    - `other` maps names to columns with further text to compare.
    - `groups` are columns by which errors are also measured, such as region.
    - `list_separator` separates several values in one cell.
    - `right` replaces settings for the right table.

    For mentions the map may also have a `source` (police, authority, or a column with these words),
    an `issuer` column and a `received_at` column. Dates of birth before `oldest_birth_date` are
    ignored.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    forenames: Columns = None
    surname: Columns = None
    aliases: Columns = None
    birth_date: Columns = None
    birth_date_format: str | None = None
    birth_year: str | None = None
    sex: str | None = None
    postcodes: Columns = None
    identifiers: dict[str, str] = {}
    other: dict[str, str] = {}
    source: str | None = None
    issuer: str | None = None
    received_at: str | None = None
    oldest_birth_date: date = OLDEST_BIRTH_DATE
    groups: list[str] = []
    list_separator: str = "|"
    right: dict[str, Any] | None = None

    def for_side(self, side: str) -> ColumnsMap:
        """Return the map of the `left` or the `right` table."""
        overrides = (self.right or {}) if side == "right" else {}
        return ColumnsMap(**{**self.model_dump(exclude={"right"}), **overrides})


def read_columns_map(path: Path) -> ColumnsMap:
    """Read a columns map from YAML; raise `PersonsError` that names the wrong settings."""
    try:
        return ColumnsMap.model_validate(read_yaml(path))
    except ValidationError as error:
        wrong = sorted({".".join(str(part) for part in item["loc"]) for item in error.errors()})
        raise PersonsError(f"{path.name}: not a columns map: {', '.join(wrong)}") from error


def read_person_table(path: Path) -> pa.Table:
    """Read a table of persons from a CSV file (every column as text) or a Parquet file.

    Raises `PersonsError` if it cannot be read, without DuckDB's message, which may quote a line.
    """
    try:
        with duckdb.connect(":memory:") as connection:
            if path.suffix == ".parquet":
                return connection.read_parquet(str(path)).to_arrow_table()
            return connection.read_csv(str(path), header=True, all_varchar=True).to_arrow_table()
    except duckdb.Error as error:
        line = FAULTY_LINE.search(str(error))
        place = f", line {line[1]}" if line else ""
        kind = "a Parquet file" if path.suffix == ".parquet" else "a CSV file in UTF-8"
        raise PersonsError(f"{path.name}{place}: not {kind}") from None


def collect_table(table: pa.Table, columns: ColumnsMap, dataset: str) -> pa.Table:
    """Return a person table in `COLLECTED_SCHEMA`, with its further text columns (`other_…`).

    Raises `PersonsError` that names columns of the map which the table lacks.
    """
    require_mapped_columns(table, columns)
    postcodes = _collect_lists(table, columns.postcodes, columns, _clean_any_postcode)
    years = _convert_column(table, columns.birth_year, _parse_year)
    collected = {
        "person_key": _convert_column(table, columns.key, str),
        "dataset": [dataset] * table.num_rows,
        "names": _collect_names(table, columns),
        "birth_dates": _collect_lists(
            table, columns.birth_date, columns, lambda text: parse_birth_date(text, columns)
        ),
        "birth_year_least": years,
        "birth_year_most": years,
        "sex": _convert_column(table, columns.sex, _parse_sex),
        "postcodes": [[code for code in row if not OUTWARD_CODE.match(code)] for row in postcodes],
        "districts": [sorted({extract_district(code) for code in row}) for row in postcodes],
        "identifiers": _collect_identifiers(table, columns),
    }
    arrays = [pa.array(collected[field.name], field.type) for field in COLLECTED_SCHEMA]
    result = pa.table(arrays, schema=COLLECTED_SCHEMA)
    for name, column in sorted(columns.other.items()):
        text = pa.array(_convert_column(table, column, _clean_other_text), pa.string())
        result = result.append_column(f"other_{name}", text)
    return result


def shape_tables(left: pa.Table, right: pa.Table | None, columns: ColumnsMap) -> pa.Table:
    """Shape one or two person tables as persons with the keys `left|key` and `right|key`."""
    collected = []
    for side, table in _list_sides(left, right):
        own = collect_table(table, columns.for_side(side), side)
        keys = [f"{side}|{key}" for key in own["person_key"].to_pylist()]
        collected.append(own.set_column(0, "person_key", pa.array(keys, pa.string())))
    return shape_persons(pa.concat_tables(collected, promote_options="default"))


def mentions_from_tables(left: pa.Table, right: pa.Table | None, columns: ColumnsMap) -> pa.Table:
    """Return one or two person tables as mentions, with the keys of `shape_tables`.

    The result is in `MENTION_SCHEMA`. Values are cleaned as in the register, but foreign postcodes
    are kept. Fields that the map lacks are null. Raises `PersonsError` if a source is neither
    police nor authority, or if a key is missing or not unique.
    """
    tables = [
        _build_mentions(table, columns.for_side(side), side)
        for side, table in _list_sides(left, right)
    ]
    mentions = pa.concat_tables(tables).sort_by("mention_key")
    if len(mentions["mention_key"].unique()) != mentions.num_rows:
        raise PersonsError("every person needs a key of its own")
    return mentions


def _list_sides(left: pa.Table, right: pa.Table | None) -> list[tuple[str, pa.Table]]:
    return [("left", left)] if right is None else [("left", left), ("right", right)]


def _build_mentions(table: pa.Table, columns: ColumnsMap, side: str) -> pa.Table:
    rows = collect_table(table, columns, side).to_pylist()
    sources = _read_sources(table, columns, side)
    issuers = _convert_column(table, columns.issuer, str)
    received = _convert_column(table, columns.received_at, _parse_time)
    if any(row["person_key"] is None for row in rows):
        raise PersonsError("every person needs a key of its own")
    mentions = []
    for row, source, issuer, received_at in zip(rows, sources, issuers, received, strict=True):
        birth_dates = _parse_possible_dates(row["birth_dates"], columns.oldest_birth_date)
        year = None if birth_dates else row["birth_year_least"]
        mentions.append(
            {
                "mention_key": f"{side}|{row['person_key']}",
                "source": source,
                "issuer_code": issuer or side,
                "first_received_at": received_at or RECEIVED_AT,
                "primary_name": row["names"][0] if row["names"] else None,
                "names": sorted(row["names"]),
                "sex_code": row["sex"],
                "birth_dates": birth_dates,
                "birth_date_earliest": None if year is None else date(year, 1, 1),
                "birth_date_latest": None if year is None else date(year, 12, 31),
                "postcodes": sorted(row["postcodes"]),
                "postcode_districts": sorted(row["districts"]),
                "identifiers": sorted(filter(None, map(clean_identifier, row["identifiers"]))),
            }
        )
    return pa.Table.from_pylist(mentions, schema=MENTION_SCHEMA)


def _read_sources(table: pa.Table, columns: ColumnsMap, side: str) -> list[str]:
    """Return the source of each row: the same for all rows, or taken from a column."""
    source = columns.source or SOURCE_OF_SIDE[side]
    if source in SOURCES:
        return [source] * table.num_rows
    sources = _convert_column(table, source, str)
    if set(sources) - set(SOURCES):
        raise PersonsError(f"column {source}: a source is police or authority")
    return sources


def _parse_possible_dates(texts: list[str], oldest: date) -> list[date]:
    """Return the possible dates, from `oldest` on, among texts in the form yyyymmdd; sorted."""
    dates = set()
    for text in texts:
        try:
            dates.add(date(int(text[:4]), int(text[4:6]), int(text[6:])))
        except ValueError:
            continue
    return sorted(day for day in dates if day >= oldest)


def _parse_time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError as error:
        raise PersonsError("received_at has a value that is no ISO 8601 time") from error


def _clean_other_text(text: str) -> str | None:
    return compact_text(text).lower() or None


def require_mapped_columns(table: pa.Table, columns: ColumnsMap, file_name: str = "") -> None:
    """Raise `PersonsError` that names the file and the columns of the map that a table lacks."""
    required = [
        columns.key,
        *(columns.birth_year, columns.sex, columns.issuer, columns.received_at),
        *([] if columns.source in SOURCES else [columns.source]),
        *(columns.identifiers | columns.other).values(),
    ]
    fields = (columns.forenames, columns.surname, columns.aliases, columns.birth_date)
    for each in (*fields, columns.postcodes):
        required += _as_list(each)
    missing = sorted({name for name in required if name} - set(table.column_names))
    if missing:
        place = f"{file_name}: " if file_name else ""
        raise PersonsError(f"{place}no such column: {', '.join(missing)}")


def _as_list(columns: Columns) -> Iterable[str]:
    return [columns] if isinstance(columns, str) else columns or []


def _convert_column(
    table: pa.Table, column: str | None, convert: Callable[[str], Any]
) -> list[Any]:
    """Convert each value of a column; return None for an empty cell or a missing column."""
    if column is None:
        return [None] * table.num_rows
    return [
        None if value is None or value == "" else convert(str(value))
        for value in table[column].to_pylist()
    ]


def _collect_lists(
    table: pa.Table, names: Columns, columns: ColumnsMap, convert: Callable[[str], str | None]
) -> list[list[str]]:
    """Return, for each row, the distinct values of several columns, in order of appearance."""
    rows: list[dict[str, None]] = [{} for _ in range(table.num_rows)]
    for name in _as_list(names):
        for row, cell in zip(rows, _convert_column(table, name, str), strict=True):
            for text in (cell or "").split(columns.list_separator):
                value = convert(text.strip()) if text.strip() else None
                if value:
                    row[value] = None
    return [list(row) for row in rows]


def _collect_names(table: pa.Table, columns: ColumnsMap) -> list[list[str]]:
    forenames_of_rows = _join_columns(table, columns.forenames)
    surnames = _join_columns(table, columns.surname)
    aliases_of_rows = _collect_lists(table, columns.aliases, columns, str)
    rows = []
    for forenames, surname, aliases in zip(
        forenames_of_rows, surnames, aliases_of_rows, strict=True
    ):
        names = [f"{clean_name(forenames) or ''}|{clean_name(surname) or ''}"]
        for alias in aliases:
            tokens = (clean_name(alias) or "").split()
            names.append(f"{' '.join(tokens[:-1])}|{tokens[-1]}" if tokens else "|")
        rows.append([name for name in dict.fromkeys(names) if name != "|"])
    return rows


def _join_columns(table: pa.Table, names: Columns) -> list[str]:
    parts = [_convert_column(table, name, str) for name in _as_list(names)]
    if not parts:
        return [""] * table.num_rows
    return [" ".join(text for text in row if text) for row in zip(*parts, strict=True)]


def _collect_identifiers(table: pa.Table, columns: ColumnsMap) -> list[list[str]]:
    rows: list[list[str]] = [[] for _ in range(table.num_rows)]
    for kind, column in sorted(columns.identifiers.items()):
        for row, value in zip(rows, _convert_column(table, column, compact_text), strict=True):
            if value:
                row.append(f"{kind}|{value}")
    return rows


def _clean_any_postcode(text: str) -> str | None:
    """Return a British postcode in standard form, and a foreign one in compact form."""
    return clean_postcode(text) or compact_text(text) or None


def extract_district(postcode: str) -> str:
    """Return a British postcode's outward code, or a foreign postcode less its last character."""
    outward = postcode if OUTWARD_CODE.match(postcode) else postcode[:-3]
    return outward if OUTWARD_CODE.match(outward) else postcode[:-1]


def parse_birth_date(text: str, columns: ColumnsMap) -> str | None:
    """Return a date as yyyymmdd, or None if it has no known form.

    Impossible dates are kept, since only one digit may be wrong. But if the map gives a format,
    they become None.
    """
    if columns.birth_date_format:
        try:
            moment = datetime.strptime(text, columns.birth_date_format)  # noqa: DTZ007
        except ValueError:
            return None
        return moment.strftime("%Y%m%d")
    if match := ISO_DATE.match(text):
        return "".join(match.groups())
    if match := BRITISH_DATE.match(text):
        day, month, year = match.groups()
        return f"{year}{month:0>2}{day:0>2}"
    return None


def _parse_sex(text: str) -> str | None:
    return SEX_CODES.get(text.strip().lower())


def _parse_year(text: str) -> int | None:
    return int(text[:4]) if text[:4].isdigit() else None
