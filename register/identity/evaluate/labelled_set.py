"""Labelled sets: mentions whose child is known, read from files.

There are two forms. Mentions in the register's own form come with a table that gives the child of
each. Alternatively, one or two person tables come with a columns map and true pairs. Linking and
measuring are in other modules.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from register.identity.clean import (
    MENTION_SCHEMA,
    SOURCES,
    ColumnsMap,
    PersonsError,
    clean_mentions,
    mentions_from_tables,
    read_columns_map,
    read_person_table,
)
from register.identity.cluster import CARE_SCHEMA
from register.identity.evaluate.measures import Pair, clusters_of, ordered_pair

REQUIRED = ("mention_key", "source", "names")
# Truth tables may name, for each child, a second child who must never be linked to the first: a
# twin, or the same person before or after an adoption. Every column that does not end in `_key` is
# a grouping.
KIN = {"twin_child_key": "twins", "adoption_pair_child_key": "before and after adoption"}
TRUTH_KEYS = ("mention_key", "child_key")
SIDES = ("left", "right")
CLEANED = "postcode_districts"
ADOPTED = "is_ceased_by_adoption"


@dataclass(frozen=True)
class LabelledSet:
    """Cleaned mentions, their care placements, and the child of each mention if it is known.

    `groups` gives, for each grouping, the group of each mention. `kin` gives, for each kind of kin,
    the pairs of children that must never be linked.
    """

    mentions: pa.Table
    care: pa.Table
    child_of: dict[str, str]
    groups: dict[str, dict[str, str]] = field(default_factory=dict)
    kin: dict[str, set[Pair]] = field(default_factory=dict)


@dataclass(frozen=True)
class SetFiles:
    """The files of a labelled set (CSV or Parquet).

    Either `mentions` is given, or `left` (and possibly `right`) with a map of the columns. `truth`
    has `mention_key` and `child_key` for mentions, and true pairs of keys for person tables.
    """

    truth: Path
    mentions: Path | None = None
    left: Path | None = None
    right: Path | None = None
    columns: Path | None = None
    care: Path | None = None


def read_labelled_set(files: SetFiles) -> LabelledSet:
    """Read a labelled set; raise `PersonsError` that names a faulty file and its fault."""
    kin: dict[str, set[Pair]] = {}
    if files.mentions is not None:
        mentions, side = _read_mentions(files.mentions), ""
        child_of, groups, kin = _read_truth(files.truth)
    elif files.left is not None and files.columns is not None:
        mentions, child_of, groups = _read_tables(files, files.left, files.columns)
        # Only the authority's table has care placements. If there are two tables, it is the right
        # one.
        side = "right|" if files.right else "left|"
    else:
        raise PersonsError("a labelled set is mentions, or a table with a map of its columns")
    unknown = len(set(child_of) - set(mentions["mention_key"].to_pylist()))
    if unknown:
        raise PersonsError(f"{files.truth.name}: {unknown} keys are of no mention")
    care = _read_care(mentions, files.care, side)
    mentions = _fill_care_dates(mentions, care)
    return LabelledSet(mentions, care.select(CARE_SCHEMA.names), child_of, groups, kin)


def read_records(mentions: Path, care: Path | None = None) -> tuple[pa.Table, pa.Table]:
    """Read mentions and their care placements without labels, in the form of a labelled set.

    Mentions are cleaned. Raises `PersonsError` that names a faulty file and its fault.
    """
    records = _read_mentions(mentions)
    placements = _read_care(records, care)
    return _fill_care_dates(records, placements), placements.select(CARE_SCHEMA.names)


def read_pairs(path: Path) -> pa.Table:
    """Read true pairs from a CSV file with a header: a key of the left table, one of the right."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines))[1:]
    short = [place for place, row in enumerate(rows, start=2) if len(row) < 2]
    if short:
        raise PersonsError(f"{path.name}, line {short[0]}: two keys are needed")
    return pa.table({"left": [row[0] for row in rows], "right": [row[1] for row in rows]})


def truth_of(truth_pairs: pa.Table, has_right: bool) -> set[Pair]:
    """Return the true pairs with the keys of `shape_tables`.

    The first two columns of `truth_pairs` are keys.
    """
    side = "right" if has_right else "left"
    left, right = truth_pairs.column(0).to_pylist(), truth_pairs.column(1).to_pylist()
    return {
        ordered_pair(f"left|{one}", f"{side}|{two}") for one, two in zip(left, right, strict=True)
    }


def _read_tables(
    files: SetFiles, left: Path, columns_path: Path
) -> tuple[pa.Table, dict[str, str], dict[str, dict[str, str]]]:
    """Read person tables as mentions, with the child of each mention and the groups."""
    paths = [left, *([files.right] if files.right else [])]
    tables = [read_person_table(path) for path in paths]
    columns = read_columns_map(columns_path)
    for path, side, table in zip(paths, SIDES, tables, strict=False):
        key = columns.for_side(side).key
        if key in table.column_names:
            _require_unique_keys(path, table[key])
    has_right = files.right is not None
    mentions = mentions_from_tables(tables[0], tables[1] if has_right else None, columns)
    pairs = truth_of(read_pairs(files.truth), has_right)
    mention_keys = mentions["mention_key"].to_pylist()
    _require_header(files, set(mention_keys))
    # True pairs connect the keys of one child. A key without a true pair is a child alone.
    child_of = {key: key for key in mention_keys}
    for members in clusters_of(pairs):
        child_of |= dict.fromkeys(members, min(members))
    _require_groupings(columns_path, tables, columns)
    groups: dict[str, dict[str, str]] = {}
    for side, table in zip(SIDES, tables, strict=False):
        own = columns.for_side(side)
        keys = [f"{side}|{key}" for key in table[own.key].to_pylist()]
        for name, values in _read_groups(table, own.groups, keys).items():
            groups[name] = groups.get(name, {}) | values
    return mentions, child_of, groups


def _read_mentions(path: Path) -> pa.Table:
    """Read mentions, and clean them; mentions with `postcode_districts` are already cleaned."""
    table = read_person_table(path)
    _require_columns(path, table, REQUIRED)
    _require_unique_keys(path, table["mention_key"])
    _require_sources(path, table["source"])
    mentions = _fill_schema(path, table, MENTION_SCHEMA)
    if mentions["primary_name"].null_count == mentions.num_rows:
        first = [names[0] if names else None for names in mentions["names"].to_pylist()]
        mentions = _replace_column(mentions, "primary_name", pa.array(first, pa.string()))
    is_cleaned = CLEANED in table.column_names
    return mentions.sort_by("mention_key") if is_cleaned else clean_mentions(mentions)


def _read_truth(
    path: Path,
) -> tuple[dict[str, str], dict[str, dict[str, str]], dict[str, set[Pair]]]:
    """Read a table of truth: the child of each mention, the groups, and the kin."""
    table = read_person_table(path)
    _require_columns(path, table, TRUTH_KEYS)
    for name in TRUTH_KEYS:
        _require_values(path, name, table[name])
    keys, children = ([str(key) for key in table[name].to_pylist()] for name in TRUTH_KEYS)
    if len(set(keys)) < len(keys):
        raise PersonsError(f"{path.name}: a mention has two children")
    kin = {
        kind: {
            ordered_pair(child, str(other))
            for child, other in zip(children, table[name].to_pylist(), strict=True)
            if other is not None
        }
        for name, kind in KIN.items()
        if name in table.column_names
    }
    names = [name for name in table.column_names if not name.endswith("_key")]
    return dict(zip(keys, children, strict=True)), _read_groups(table, names, keys), kin


def _read_groups(table: pa.Table, names: list[str], keys: list[str]) -> dict[str, dict[str, str]]:
    """Return, for each grouping that the table has, the group of each key."""
    return {
        name: {
            key: str(value)
            for key, value in zip(keys, table[name].to_pylist(), strict=True)
            if value is not None
        }
        for name in names
        if name in table.column_names
    }


def _read_care(mentions: pa.Table, path: Path | None, side: str = "") -> pa.Table:
    """Read the care placements of mentions; return an empty table if there is no file.

    `side` becomes a prefix of each mention key.
    """
    schema = CARE_SCHEMA.append(pa.field(ADOPTED, pa.bool_()))
    if path is None:
        return schema.empty_table()
    table = read_person_table(path)
    _require_columns(path, table, ("mention_key",))
    care = _fill_schema(path, table, schema)
    if side:
        keys = pc.binary_join_element_wise(side, care["mention_key"], "")
        care = care.set_column(0, "mention_key", keys)
    is_known = pc.is_in(care["mention_key"], mentions["mention_key"].combine_chunks())
    if not pc.all(is_known).as_py():
        raise PersonsError(f"{path.name}: care of keys that are of no mention")
    return care


def _fill_care_dates(mentions: pa.Table, care: pa.Table) -> pa.Table:
    """Fill in the first start of care and the date of adoption from the care placements.

    If any mention already has one of these dates, all mentions are returned unchanged.
    """
    if not care.num_rows or any(
        mentions[name].null_count < mentions.num_rows
        for name in ("care_first_start_date", "adoption_date")
    ):
        return mentions
    keys = mentions["mention_key"].to_pylist()
    starts: dict[str, date] = {}
    adoptions: dict[str, date] = {}
    for row in care.to_pylist():
        key, start, end = row["mention_key"], row["care_start_date"], row["care_end_date"]
        if start is not None:
            starts[key] = min(starts.get(key, start), start)
        if end is not None and row[ADOPTED]:
            adoptions[key] = min(adoptions.get(key, end), end)
    for name, dates in (("care_first_start_date", starts), ("adoption_date", adoptions)):
        values = pa.array([dates.get(key) for key in keys], pa.date32())
        mentions = _replace_column(mentions, name, values)
    return mentions


def _replace_column(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, values)


def _fill_schema(path: Path, table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return the columns of a schema, with nulls for columns that the table lacks."""
    columns = [
        _cast_column(path, field, table[field.name])
        if field.name in table.column_names
        else pa.nulls(table.num_rows, field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def _cast_column(path: Path, field: pa.Field, values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Cast a column; the error omits pyarrow's message, which may contain a person's value."""
    try:
        return values.cast(field.type)
    except pa.ArrowException:
        raise PersonsError(
            f"{path.name}: {field.name} is {values.type} and cannot be read as {field.type}"
        ) from None


def _require_columns(path: Path, table: pa.Table, names: Iterable[str]) -> None:
    missing = sorted(set(names) - set(table.column_names))
    if missing:
        raise PersonsError(f"{path.name}: no such column: {', '.join(missing)}")


def _require_values(path: Path, name: str, values: pa.ChunkedArray) -> None:
    """Refuse a column with an empty cell; the error names the first such record, counted from 1."""
    missing = [place for place, value in enumerate(values.to_pylist(), 1) if value in {None, ""}]
    if missing:
        raise PersonsError(
            f"{path.name}, record {missing[0]}: {name} is empty in {len(missing)} records"
        )


def _require_unique_keys(path: Path, keys: pa.ChunkedArray) -> None:
    """Refuse a table in which two records share a key, since figures would confuse the two."""
    _require_values(path, "the key", keys)
    first: dict[str, int] = {}
    for place, key in enumerate(keys.to_pylist(), 1):
        if first.setdefault(str(key), place) != place:
            raise PersonsError(
                f"{path.name}, record {place}: the key is that of record {first[str(key)]} too."
                " Give every record a key of its own"
            )


def _require_header(files: SetFiles, keys: set[str]) -> None:
    """Refuse a file of true pairs without a header, since its first pair would be lost."""
    with files.truth.open(encoding="utf-8", newline="") as lines:
        header = next(csv.reader(lines), [])
    side = "right" if files.right else "left"
    ends = {f"{end}|{key}" for end, key in zip(("left", side), header, strict=False)}
    if len(header) < 2 or ends <= keys:
        raise PersonsError(f"{files.truth.name}, line 1: a header is needed before the pairs")


def _require_groupings(path: Path, tables: list[pa.Table], columns: ColumnsMap) -> None:
    """Refuse a grouping of the columns map if no table has it."""
    names = {name for side in SIDES[: len(tables)] for name in columns.for_side(side).groups}
    missing = sorted(names.difference(*(table.column_names for table in tables)))
    if missing:
        raise PersonsError(f"{path.name}: no table has the grouping: {', '.join(missing)}")


def _require_sources(path: Path, sources: pa.ChunkedArray) -> None:
    """Refuse sources other than police and authority, since no rule would apply to them."""
    for place, source in enumerate(sources.to_pylist(), 1):
        if source not in SOURCES:
            raise PersonsError(
                f"{path.name}, record {place}: source is neither of {' and '.join(SOURCES)},"
                " in lower case"
            )
