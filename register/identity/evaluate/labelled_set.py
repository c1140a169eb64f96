"""Labelled sets: mentions whose child is known, from files that anybody can bring.

Either mentions as the register has them, with a table of the child of each, or one or two person
tables with a columns map and their true pairs. Linking and measuring do not belong here.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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
# A table of truth may name another child: the twin, or the same one on the other side of its
# adoption. The two are never to be joined. Other columns are groupings, but for other keys.
KIN = {"twin_child_key": "twins", "adoption_pair_child_key": "before and after adoption"}
TRUTH_KEYS = ("mention_key", "child_key")
SIDES = ("left", "right")
CLEANED = "postcode_districts"
ADOPTED = "is_ceased_by_adoption"


@dataclass(frozen=True)
class LabelledSet:
    """Cleaned mentions, their care placements, and the child of each mention where it is known.

    `groups` has by grouping the group of each mention, `kin` by kind the pairs of children that are
    never to be joined.
    """

    mentions: pa.Table
    care: pa.Table
    child_of: dict[str, str]
    groups: dict[str, dict[str, str]] = field(default_factory=dict)
    kin: dict[str, set[Pair]] = field(default_factory=dict)


@dataclass(frozen=True)
class SetFiles:
    """Files of a labelled set (CSV or Parquet): `mentions`, or `left` with a map of its columns.

    `truth` has `mention_key` and `child_key` for mentions, and pairs of keys for tables.
    """

    truth: Path
    mentions: Path | None = None
    left: Path | None = None
    right: Path | None = None
    columns: Path | None = None
    care: Path | None = None


def read_labelled_set(files: SetFiles) -> LabelledSet:
    """Read a labelled set; raises `PersonsError` naming the file and what it lacks."""
    if files.mentions is not None:
        mentions = _read_mentions(files.mentions)
        child_of, groups, kin = _read_truth(files.truth)
    elif files.left is not None and files.columns is not None:
        tables = [read_person_table(files.left)]
        tables += [read_person_table(files.right)] if files.right else []
        columns = read_columns_map(files.columns)
        for path, side, table in zip((files.left, files.right), SIDES, tables, strict=False):
            key = columns.for_side(side).key
            if path is not None and key in table.column_names:
                _require_keys(path, table[key])
        right = tables[1] if files.right else None
        mentions = mentions_from_tables(tables[0], right, columns)
        pairs = truth_of(read_pairs(files.truth), has_right=files.right is not None)
        keys_of_mentions = mentions["mention_key"].to_pylist()
        _require_header(files, set(keys_of_mentions))
        child_of = children_of_pairs(keys_of_mentions, pairs)
        _require_groups(files.columns, tables, columns)
        groups = {}
        for side, table in zip(SIDES, tables, strict=False):
            own = columns.for_side(side)
            keys = [f"{side}|{key}" for key in table[own.key].to_pylist()]
            for name, values in _groups(table, own.groups, keys).items():
                groups[name] = groups.get(name, {}) | values
        kin = {}
    else:
        raise PersonsError("a labelled set is mentions, or a table with a map of its columns")
    unknown = len(set(child_of) - set(mentions["mention_key"].to_pylist()))
    if unknown:
        raise PersonsError(f"{files.truth.name}: {unknown} keys are of no mention")
    care = _read_care(files, mentions)
    return LabelledSet(_with_care(mentions, care), care.select(CARE_SCHEMA.names), child_of,
                       groups, kin)  # fmt: skip


def read_records(mentions: Path, care: Path | None = None) -> tuple[pa.Table, pa.Table]:
    """Read mentions, cleaned, and their care, both as those of a labelled set, without labels.

    Raises `PersonsError` naming the file and what it lacks.
    """
    given = _read_mentions(mentions)
    cared = _care_of(given, care)
    return _with_care(given, cared), cared.select(CARE_SCHEMA.names)


def read_pairs(path: Path) -> pa.Table:
    """Read a CSV of true pairs with a header: the key in the left and in the right table."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines))[1:]
    short = [place for place, row in enumerate(rows, start=2) if len(row) < 2]
    if short:
        raise PersonsError(f"{path.name}, line {short[0]}: two keys are needed")
    return pa.table({"left": [row[0] for row in rows], "right": [row[1] for row in rows]})


def truth_of(truth_pairs: pa.Table, has_right: bool) -> set[Pair]:
    """Return true pairs by shaped key from a table whose first two columns are the keys."""
    side = "right" if has_right else "left"
    left, right = truth_pairs.column(0).to_pylist(), truth_pairs.column(1).to_pylist()
    return {
        ordered_pair(f"left|{one}", f"{side}|{two}") for one, two in zip(left, right, strict=True)
    }


def children_of_pairs(keys: Iterable[str], pairs: set[Pair]) -> dict[str, str]:
    """Return the child of each key: keys that true pairs connect are one, any other is alone."""
    found = {key: key for key in keys}
    for members in clusters_of(pairs):
        found |= dict.fromkeys(members, min(members))
    return found


def _read_mentions(path: Path) -> pa.Table:
    """Read mentions: cleaned if they have truncated postcodes in a column of their own."""
    table = read_person_table(path)
    _require(path, table, REQUIRED)
    _require_keys(path, table["mention_key"])
    _require_sources(path, table["source"])
    given = _filled(path, table, MENTION_SCHEMA)
    if given["primary_name"].null_count == given.num_rows:
        first = [names[0] if names else None for names in given["names"].to_pylist()]
        place = given.column_names.index("primary_name")
        given = given.set_column(place, "primary_name", pa.array(first, pa.string()))
    is_cleaned = CLEANED in table.column_names
    return given.sort_by("mention_key") if is_cleaned else clean_mentions(given)


def _read_truth(
    path: Path,
) -> tuple[dict[str, str], dict[str, dict[str, str]], dict[str, set[Pair]]]:
    table = read_person_table(path)
    _require(path, table, TRUTH_KEYS)
    for name in TRUTH_KEYS:
        _require_known(path, name, table[name])
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
    return dict(zip(keys, children, strict=True)), _groups(table, names, keys), kin


def _groups(table: pa.Table, names: list[str], keys: list[str]) -> dict[str, dict[str, str]]:
    """The group of each key in each grouping that the table has."""
    return {
        name: {
            key: str(value)
            for key, value in zip(keys, table[name].to_pylist(), strict=True)
            if value is not None
        }
        for name in names
        if name in table.column_names
    }


def _read_care(files: SetFiles, mentions: pa.Table) -> pa.Table:
    """Read care placements; those of person tables have the keys of one table, an authority's."""
    if files.left is None:
        return _care_of(mentions, files.care)
    return _care_of(mentions, files.care, "right|" if files.right else "left|")


def _care_of(mentions: pa.Table, path: Path | None, side: str = "") -> pa.Table:
    """Read care placements of mentions, whose keys begin with `side`; none without a file."""
    schema = CARE_SCHEMA.append(pa.field(ADOPTED, pa.bool_()))
    if path is None:
        return schema.empty_table()
    table = read_person_table(path)
    _require(path, table, ("mention_key",))
    care = _filled(path, table, schema)
    if side:
        keys = pc.binary_join_element_wise(side, care["mention_key"], "")
        care = care.set_column(0, "mention_key", keys)
    is_known = pc.is_in(care["mention_key"], mentions["mention_key"].combine_chunks())
    if not pc.all(is_known).as_py():
        raise PersonsError(f"{path.name}: care of keys that are of no mention")
    return care


def _with_care(mentions: pa.Table, care: pa.Table) -> pa.Table:
    """Fill the first start of care and the date of adoption of mentions that lack both."""
    if not care.num_rows or any(
        mentions[name].null_count < mentions.num_rows
        for name in ("care_first_start_date", "adoption_date")
    ):
        return mentions
    keys = mentions["mention_key"].to_pylist()
    dates: dict[str, dict[str, Any]] = {"care_start_date": {}, "care_end_date": {}}
    for row in care.to_pylist():
        for name, wanted in (("care_start_date", True), ("care_end_date", row[ADOPTED])):
            if wanted and row[name] is not None:
                known = dates[name].get(row["mention_key"], row[name])
                dates[name][row["mention_key"]] = min(known, row[name])
    for name, source in (
        ("care_first_start_date", "care_start_date"),
        ("adoption_date", "care_end_date"),
    ):
        values = pa.array([dates[source].get(key) for key in keys], pa.date32())
        mentions = mentions.set_column(mentions.column_names.index(name), name, values)
    return mentions


def _filled(path: Path, table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The columns of a schema, null where the table lacks one."""
    return pa.table(
        [
            _as_type(path, item, table[item.name])
            if item.name in table.column_names
            else pa.nulls(table.num_rows, item.type)
            for item in schema
        ],
        schema=schema,
    )


def _as_type(path: Path, wanted: pa.Field, values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Cast a column; what the cast says is not shown, since it may have a value of a person."""
    try:
        return values.cast(wanted.type)
    except pa.ArrowException:
        raise PersonsError(
            f"{path.name}: {wanted.name} is {values.type} and cannot be read as {wanted.type}"
        ) from None


def _require(path: Path, table: pa.Table, names: Iterable[str]) -> None:
    missing = sorted(set(names) - set(table.column_names))
    if missing:
        raise PersonsError(f"{path.name}: no such column: {', '.join(missing)}")


def _require_known(path: Path, name: str, values: pa.ChunkedArray) -> None:
    """Refuse a column with an empty cell, naming the first such record (from 1)."""
    missing = [place for place, value in enumerate(values.to_pylist(), 1) if value in {None, ""}]
    if missing:
        raise PersonsError(
            f"{path.name}, record {missing[0]}: {name} is empty in {len(missing)} records"
        )


def _require_keys(path: Path, keys: pa.ChunkedArray) -> None:
    """Refuse a table in which two records have one key: figures would count each as the other."""
    _require_known(path, "the key", keys)
    first: dict[str, int] = {}
    for place, key in enumerate(keys.to_pylist(), 1):
        if first.setdefault(str(key), place) != place:
            raise PersonsError(
                f"{path.name}, record {place}: the key is that of record {first[str(key)]} too."
                " Give every record a key of its own"
            )


def _require_header(files: SetFiles, keys: set[str]) -> None:
    """Refuse true pairs without a header: the first of them would be taken for it."""
    with files.truth.open(encoding="utf-8", newline="") as lines:
        header = next(csv.reader(lines), [])
    side = "right" if files.right else "left"
    ends = {f"{end}|{key}" for end, key in zip(("left", side), header, strict=False)}
    if len(header) < 2 or ends <= keys:
        raise PersonsError(f"{files.truth.name}, line 1: a header is needed before the pairs")


def _require_groups(path: Path, tables: list[pa.Table], columns: ColumnsMap) -> None:
    """Refuse a grouping that no table has: nothing would be measured by it, unsaid."""
    wanted = {name for side in SIDES[: len(tables)] for name in columns.for_side(side).groups}
    missing = sorted(wanted.difference(*(table.column_names for table in tables)))
    if missing:
        raise PersonsError(f"{path.name}: no table has the grouping: {', '.join(missing)}")


def _require_sources(path: Path, sources: pa.ChunkedArray) -> None:
    """Refuse a source by another name: rules for police or authorities would not apply to it."""
    for place, source in enumerate(sources.to_pylist(), 1):
        if source not in SOURCES:
            raise PersonsError(
                f"{path.name}, record {place}: source is neither of {' and '.join(SOURCES)},"
                " in lower case"
            )
