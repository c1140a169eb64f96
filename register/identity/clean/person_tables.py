"""Person tables: any table of persons, with a map of its columns, as mentions or as persons.

Mentions go the whole path to children; persons are scored only, by a model that may compare further
columns. The register's own mentions do not belong here: they are shaped in `persons`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from pydantic import BaseModel, ConfigDict, ValidationError

from register.identity.clean.fields import clean_identifier, clean_name, clean_postcode
from register.identity.clean.mentions import MENTION_SCHEMA, OLDEST_BIRTH_DATE
from register.identity.clean.persons import (
    COLLECTED_SCHEMA,
    CROWDED_HOLDERS,
    DISTRICT,
    SEX_CODES,
    PersonsError,
    district_of,
    shape_persons,
)
from register.yaml_file import read_yaml

NOT_ALPHANUMERIC = re.compile(r"[^A-Z0-9]+")
ISO_DATE = re.compile(r"^(\d{4})-?(\d{2})-?(\d{2})(?:$|[T ])")
BRITISH_DATE = re.compile(r"^(\d{1,2})[/.](\d{1,2})[/.](\d{4})(?:$| )")

SOURCES = ("police", "authority")
# Who recorded the persons of each table, unless the map says.
SOURCE_OF_SIDE = {"left": "police", "right": "authority"}
# When every record was received, unless the map has a column for it.
RECEIVED_AT = datetime(2000, 1, 1)  # noqa: DTZ001 - UTC, as in the warehouse

Columns = str | list[str] | None


class ColumnsMap(BaseModel):
    """Which column of a person table is which field; a list if several columns are one field.

    `birth_date_format` is a strptime pattern; without it ISO, yyyymmdd and dd/mm/yyyy are read.
    `identifiers` maps nhs, upn, home_office or police to a column, `other` any further text to
    compare. `list_separator` separates several values in one cell; `right` overrides settings for
    the right table.

    As mentions, persons also have a `source` (police, authority, or a column of these words), an
    `issuer` and `received_at` (columns); dates of birth before `oldest_birth_date` are not used.
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
        """The map for `left` or `right`."""
        own = self.model_dump(exclude={"right"})
        return (
            ColumnsMap(**own, **{})
            if side == "left" or not self.right
            else ColumnsMap(**{**own, **self.right})
        )


def read_columns_map(path: Path) -> ColumnsMap:
    """Read a columns map from YAML; raises `PersonsError` naming the wrong settings."""
    try:
        return ColumnsMap.model_validate(read_yaml(path))
    except ValidationError as error:
        wrong = sorted({".".join(str(part) for part in item["loc"]) for item in error.errors()})
        raise PersonsError(f"{path.name}: not a columns map: {', '.join(wrong)}") from error


def read_person_table(path: Path) -> pa.Table:
    """Read a CSV (every column as text) or Parquet file of persons."""
    with duckdb.connect(":memory:") as connection:
        if path.suffix == ".parquet":
            return connection.read_parquet(str(path)).to_arrow_table()
        return connection.read_csv(str(path), header=True, all_varchar=True).to_arrow_table()


def collect_table(table: pa.Table, columns: ColumnsMap, dataset: str) -> pa.Table:
    """Collect a person table to `COLLECTED_SCHEMA` and its `other_…` columns.

    Raises `PersonsError` naming columns of the map that the table lacks.
    """
    _require_columns(table, columns)
    names = _names(table, columns)
    postcodes = _lists(table, columns.postcodes, columns, _compact_postcode)
    years = _values(table, columns.birth_year, _year)
    collected = {
        "person_key": _values(table, columns.key, str),
        "dataset": [dataset] * table.num_rows,
        "names": names,
        "birth_dates": _lists(
            table, columns.birth_date, columns, lambda text: _date_text(text, columns)
        ),
        "birth_year_least": years,
        "birth_year_most": years,
        "sex": _values(table, columns.sex, lambda text: SEX_CODES.get(text.strip().lower())),
        "postcodes": [[code for code in row if not DISTRICT.match(code)] for row in postcodes],
        "districts": [
            sorted({code if DISTRICT.match(code) else district_of(code) for code in row})
            for row in postcodes
        ],
        "identifiers": _identifiers(table, columns),
    }
    arrays = [pa.array(collected[field.name], field.type) for field in COLLECTED_SCHEMA]
    result = pa.table(arrays, schema=COLLECTED_SCHEMA)
    for name, column in sorted(columns.other.items()):
        text = pa.array(_values(table, column, clean_other), pa.string())
        result = result.append_column(f"other_{name}", text)
    return result


def shape_tables(
    left: pa.Table,
    right: pa.Table | None,
    columns: ColumnsMap,
    crowded_holders: int = CROWDED_HOLDERS,
) -> pa.Table:
    """Shape one or two person tables together; keys become `left|key` and `right|key`."""
    sides = [("left", left)] + ([("right", right)] if right is not None else [])
    collected = []
    for side, table in sides:
        own = collect_table(table, columns.for_side(side), side)
        keys = [f"{side}|{key}" for key in own["person_key"].to_pylist()]
        collected.append(own.set_column(0, "person_key", pa.array(keys, pa.string())))
    return shape_persons(pa.concat_tables(collected, promote_options="default"), crowded_holders)


def mentions_from_tables(left: pa.Table, right: pa.Table | None, columns: ColumnsMap) -> pa.Table:
    """Return one or two person tables as mentions (`MENTION_SCHEMA`), keys as `shape_tables`.

    Values are cleaned as the register's own; a postcode of another country is kept as it is.
    Columns that the map lacks are null. Raises `PersonsError` for a source that is neither police
    nor authority and for a key that is missing or not unique.
    """
    sides = [("left", left)] + ([("right", right)] if right is not None else [])
    tables = [_mentions_of(table, columns.for_side(side), side) for side, table in sides]
    mentions = pa.concat_tables(tables).sort_by("mention_key")
    if len(mentions["mention_key"].unique()) != mentions.num_rows:
        raise PersonsError("every person needs a key of its own")
    return mentions


def _mentions_of(table: pa.Table, columns: ColumnsMap, side: str) -> pa.Table:
    rows = collect_table(table, columns, side).to_pylist()
    sources = _sources(table, columns, side)
    issuers = _values(table, columns.issuer, str)
    received = _values(table, columns.received_at, _moment)
    if any(row["person_key"] is None for row in rows):
        raise PersonsError("every person needs a key of its own")
    mentions = [
        {
            "mention_key": f"{side}|{row['person_key']}",
            "source": source,
            "issuer_code": issuer or side,
            "first_received_at": moment or RECEIVED_AT,
            "primary_name": row["names"][0] if row["names"] else None,
            "names": sorted(row["names"]),
            "sex_code": row["sex"],
            "birth_dates": (born := _dates(row["birth_dates"], columns.oldest_birth_date)),
            "birth_date_earliest": _new_year(row["birth_year_least"], bool(born)),
            "birth_date_latest": _new_years_eve(row["birth_year_most"], bool(born)),
            "postcodes": sorted(row["postcodes"]),
            "postcode_districts": sorted(row["districts"]),
            "identifiers": sorted(filter(None, map(clean_identifier, row["identifiers"]))),
        }
        for row, source, issuer, moment in zip(rows, sources, issuers, received, strict=True)
    ]
    return pa.Table.from_pylist(mentions, schema=MENTION_SCHEMA)


def _sources(table: pa.Table, columns: ColumnsMap, side: str) -> list[str]:
    """Who recorded each row: one word for all of them, or the words of a column."""
    named = columns.source or SOURCE_OF_SIDE[side]
    if named in SOURCES:
        return [named] * table.num_rows
    found = _values(table, named, str)
    if set(found) - set(SOURCES):
        raise PersonsError(f"column {named}: a source is police or authority")
    return found


def _dates(texts: list[str], oldest: date) -> list[date]:
    """Return the possible dates of texts (yyyymmdd) from `oldest` on, sorted."""
    found = set()
    for text in texts:
        try:
            found.add(date(int(text[:4]), int(text[4:6]), int(text[6:])))
        except ValueError:
            continue
    return sorted(day for day in found if day >= oldest)


def _new_year(year: int | None, is_dated: bool) -> date | None:
    return None if year is None or is_dated else date(year, 1, 1)


def _new_years_eve(year: int | None, is_dated: bool) -> date | None:
    return None if year is None or is_dated else date(year, 12, 31)


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError as error:
        raise PersonsError("received_at has a value that is no ISO 8601 time") from error


def clean_other(text: str) -> str | None:
    """Return further text in compact form: letters and digits, lower case."""
    return NOT_ALPHANUMERIC.sub("", text.upper()).lower() or None


def _require_columns(table: pa.Table, columns: ColumnsMap) -> None:
    single = [columns.key, columns.birth_year, columns.sex, columns.issuer, columns.received_at]
    single.append(None if columns.source in SOURCES else columns.source)
    listed = [columns.forenames, columns.surname, columns.aliases, columns.birth_date]
    wanted = [name for name in single if name]
    for each in [*listed, columns.postcodes]:
        wanted += _as_list(each)
    wanted += [*columns.identifiers.values(), *columns.other.values()]
    missing = sorted(set(wanted) - set(table.column_names))
    if missing:
        raise PersonsError(f"no such column: {', '.join(missing)}")


def _as_list(columns: Columns) -> list[str]:
    if columns is None:
        return []
    return [columns] if isinstance(columns, str) else list(columns)


def _values(table: pa.Table, column: str | None, convert: Callable[[str], Any]) -> list[Any]:
    if column is None:
        return [None] * table.num_rows
    return [
        None if value is None or value == "" else convert(str(value))
        for value in table[column].to_pylist()
    ]


def _lists(
    table: pa.Table, names: Columns, columns: ColumnsMap, convert: Callable[[str], str | None]
) -> list[list[str]]:
    """Collect the distinct values of several columns and cells, in order of appearance."""
    rows: list[dict[str, None]] = [{} for _ in range(table.num_rows)]
    for name in _as_list(names):
        for row, cell in zip(rows, _values(table, name, str), strict=True):
            for text in (cell or "").split(columns.list_separator):
                value = convert(text.strip()) if text.strip() else None
                if value:
                    row[value] = None
    return [list(row) for row in rows]


def _names(table: pa.Table, columns: ColumnsMap) -> list[list[str]]:
    given = _joined(table, columns.forenames)
    family = _joined(table, columns.surname)
    aliases = _lists(table, columns.aliases, columns, str)
    rows = []
    for forenames, surname, others in zip(given, family, aliases, strict=True):
        names = [f"{clean_name(forenames) or ''}|{clean_name(surname) or ''}"]
        for alias in others:
            tokens = (clean_name(alias) or "").split()
            names.append(f"{' '.join(tokens[:-1])}|{tokens[-1]}" if tokens else "|")
        rows.append([name for name in dict.fromkeys(names) if name != "|"])
    return rows


def _joined(table: pa.Table, names: Columns) -> list[str]:
    parts = [_values(table, name, str) for name in _as_list(names)]
    if not parts:
        return [""] * table.num_rows
    return [" ".join(text for text in row if text) for row in zip(*parts, strict=True)]


def _identifiers(table: pa.Table, columns: ColumnsMap) -> list[list[str]]:
    rows: list[list[str]] = [[] for _ in range(table.num_rows)]
    for kind, column in sorted(columns.identifiers.items()):
        for row, value in zip(rows, _values(table, column, clean_other), strict=True):
            if value:
                row.append(f"{kind}|{value.upper()}")
    return rows


def _compact_postcode(text: str) -> str | None:
    return clean_postcode(text) or NOT_ALPHANUMERIC.sub("", text.upper()) or None


def _date_text(text: str, columns: ColumnsMap) -> str | None:
    """Return yyyymmdd; an impossible date is kept, since it may be one digit wrong."""
    if columns.birth_date_format:
        try:
            read = datetime.strptime(text, columns.birth_date_format)  # noqa: DTZ007
        except ValueError:
            return None
        return read.strftime("%Y%m%d")
    if found := ISO_DATE.match(text):
        return "".join(found.groups())
    if found := BRITISH_DATE.match(text):
        day, month, year = found.groups()
        return f"{year}{month:0>2}{day:0>2}"
    return None


def _year(text: str) -> int | None:
    return int(text[:4]) if text[:4].isdigit() else None
