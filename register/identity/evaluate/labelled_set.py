"""Labelled sets: mentions whose child is known, read from files.

There are two forms. Mentions in the register's own form come with a table that gives the child of
each. Alternatively, one or two person tables come with a columns map and true pairs. Linking and
measuring are in other modules.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from register.identity.clean import (
    MENTION_SCHEMA,
    SOURCES,
    PersonsError,
    clean_mentions,
    mentions_from_tables,
    read_columns_map,
)
from register.identity.cluster import CARE_SCHEMA
from register.identity.evaluate.checked_tables import (
    SIDES,
    CheckedTables,
    read_checked_tables,
    read_groups,
)
from register.identity.evaluate.dropped_values import (
    DroppedCounts,
    count_unused_values,
)
from register.identity.evaluate.labelled_files import (
    IMPOSSIBLE_DATE,
    FileTable,
    convert_table,
    find_repeats,
    keep_keyed,
    read_csv_rows,
    read_labelled_file,
)
from register.identity.evaluate.measures import Pair, clusters_of, ordered_pair

LOGGER = logging.getLogger(__name__)
REQUIRED = ("mention_key", "source", "names")
# Truth tables may name, for each child, a second child who must never be linked to the first: a
# twin, or the same person before or after an adoption. Every column that does not end in `_key` is
# a grouping.
KIN = {"twin_child_key": "twins", "adoption_pair_child_key": "before and after adoption"}
# Children with the same key of such a column are siblings, or live in one home.
SHARED = {"family_key": "siblings", "home_key": "one home or postcode"}
TRUTH_KEYS = ("mention_key", "child_key")
CLEANED = "postcode_districts"
ADOPTED = "is_ceased_by_adoption"


@dataclass(frozen=True)
class LabelledSet:
    """Cleaned mentions, their care placements, and the child of each mention if it is known.

    - `groups` gives, for each grouping, the group of each mention.
    - `kin` gives, for each kind of kin, the pairs of children that must never be linked.
    - `shared` gives, for each kind of `SHARED`, the keys that each child has.
    - `dropped` counts what the files have and the set does not.
    """

    mentions: pa.Table
    care: pa.Table
    child_of: dict[str, str]
    groups: dict[str, dict[str, str]] = field(default_factory=dict)
    kin: dict[str, set[Pair]] = field(default_factory=dict)
    shared: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    dropped: DroppedCounts = field(default_factory=DroppedCounts)


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
    if files.mentions is not None:
        mentions, dropped = _read_mentions(files.mentions)
        truth = _read_truth(files.truth, mentions)
        side = ""
    elif files.left is not None and files.columns is not None:
        checked = read_checked_tables(files.left, files.right, read_columns_map(files.columns))
        _require_groupings(files.columns, checked)
        mentions, dropped = mentions_from_tables(*checked.sides, checked.columns), checked.dropped
        truth = _read_true_pairs(files, checked, mentions)
        # Only the authority's table has care placements. If there are two tables, it is the right
        # one.
        side = "right|" if files.right else "left|"
    else:
        raise PersonsError("a labelled set is mentions, or a table with a map of its columns")
    care, keyless_count = _read_care(mentions, files.care, side)
    return LabelledSet(
        _fill_care_dates(mentions, care),
        care.select(CARE_SCHEMA.names),
        truth.child_of,
        truth.groups,
        truth.kin,
        truth.shared,
        replace(
            dropped,
            care_rows_without_key=keyless_count,
            truth_rows_without_key=truth.keyless_count,
            truth_rows_of_no_mention=truth.unknown_count,
        ),
    )


def read_records(mentions: Path, care: Path | None = None) -> tuple[pa.Table, pa.Table]:
    """Read mentions and their care placements without labels, in the form of a labelled set.

    Mentions are cleaned. Rows without a key are left out, with a warning. Raises `PersonsError`
    that names a faulty file and its fault.
    """
    records, dropped = _read_mentions(mentions)
    placements, keyless_count = _read_care(records, care)
    if dropped.records_without_key or keyless_count:
        LOGGER.warning(
            "left out for want of a key: %d mentions and %d care placements",
            dropped.records_without_key,
            keyless_count,
        )
    return _fill_care_dates(records, placements), placements.select(CARE_SCHEMA.names)


def read_pairs(path: Path) -> FileTable:
    """Read true pairs from a CSV file with a header: a key of the left table, one of the right.

    Rows without one of the keys are counted and left out. The columns are *left* and *right*.
    """
    header, rows = read_csv_rows(path)
    if len(header) < len(SIDES):
        raise PersonsError(f"{path.name}, line 1: a header is needed before the pairs")
    names = [*SIDES, *rows.table.column_names[len(SIDES) :]]
    pairs = keep_keyed(replace(rows, table=rows.table.rename_columns(names)), SIDES)
    keys = zip(*(pairs.list_texts(side) for side in SIDES), strict=True)
    pairs.refuse_rows(find_repeats(keys), "this pair is that of an earlier line")
    return pairs


def truth_of(truth_pairs: pa.Table, has_right: bool) -> set[Pair]:
    """Return the true pairs with the keys of `shape_tables`.

    The first two columns of `truth_pairs` are keys.
    """
    side = "right" if has_right else "left"
    left, right = truth_pairs.column(0).to_pylist(), truth_pairs.column(1).to_pylist()
    return {
        ordered_pair(f"left|{one}", f"{side}|{two}") for one, two in zip(left, right, strict=True)
    }


@dataclass(frozen=True)
class _Truth:
    """The child of each mention with its groups, kin and shared keys, and what was left out."""

    child_of: dict[str, str]
    groups: dict[str, dict[str, str]]
    kin: dict[str, set[Pair]] = field(default_factory=dict)
    shared: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    keyless_count: int = 0
    unknown_count: int = 0


def _read_true_pairs(files: SetFiles, checked: CheckedTables, mentions: pa.Table) -> _Truth:
    """Read the true pairs of person tables; a key without a true pair is a child alone."""
    keys = set(mentions["mention_key"].to_pylist())
    _require_header(files, keys)
    rows = read_pairs(files.truth)
    pairs = truth_of(rows.table, files.right is not None)
    known = {pair for pair in pairs if keys.issuperset(pair)}
    _require_known(files.truth, bool(known), bool(pairs))
    child_of = {key: key for key in sorted(keys)}
    for members in clusters_of(known):
        child_of |= dict.fromkeys(members, min(members))
    return _Truth(
        child_of,
        checked.read_groups(),
        keyless_count=rows.keyless_count,
        unknown_count=len(pairs) - len(known),
    )


def _read_mentions(path: Path) -> tuple[pa.Table, DroppedCounts]:
    """Read mentions, and clean them; mentions with `postcode_districts` are already cleaned."""
    rows = read_labelled_file(path, ["mention_key"])
    rows.require_columns(REQUIRED)
    rows.require_unique("mention_key")
    rows.require_values("source", SOURCES)
    if not rows.table.num_rows:
        raise PersonsError(f"{path.name}: no row has a mention_key")
    mentions = _fill_received(convert_table(rows, MENTION_SCHEMA))
    if mentions["primary_name"].null_count == mentions.num_rows:
        first = [names[0] if names else None for names in mentions["names"].to_pylist()]
        mentions = _replace_column(mentions, "primary_name", pa.array(first, pa.string()))
    if CLEANED in rows.table.column_names:
        rows.refuse_rows(
            (IMPOSSIBLE_DATE in (days or ()) for days in mentions["birth_dates"].to_pylist()),
            "birth_dates has a day that the calendar lacks",
        )
        return mentions.sort_by("mention_key"), DroppedCounts(rows.keyless_count)
    return clean_mentions(mentions), count_unused_values(mentions, rows.keyless_count)


def _fill_received(mentions: pa.Table) -> pa.Table:
    """Let a mention without time of receipt count as received now.

    A date of birth after the receipt is not plausible, so without one no date would be.
    """
    now = pa.scalar(datetime.now(UTC).replace(tzinfo=None), pa.timestamp("us"))
    name = "first_received_at"
    return _replace_column(mentions, name, pc.fill_null(mentions[name], now))


def _read_truth(path: Path, mentions: pa.Table) -> _Truth:
    """Read a table of truth: the child of each mention, the groups, kin and shared keys."""
    keyed = read_labelled_file(path, TRUTH_KEYS)
    keyed.require_unique("mention_key")
    known = set(mentions["mention_key"].to_pylist())
    rows = keyed.filter_rows([key in known for key in keyed.list_texts("mention_key")])
    _require_known(path, bool(rows.table.num_rows), bool(keyed.table.num_rows))
    keys, children = ([key or "" for key in rows.list_texts(name)] for name in TRUTH_KEYS)
    kin = {
        kind: {ordered_pair(child, other) for child, other in _list_by_child(rows, name, children)}
        for name, kind in KIN.items()
        if name in rows.table.column_names
    }
    shared: dict[str, dict[str, set[str]]] = {}
    for name, kind in SHARED.items():
        for child, key in _list_by_child(rows, name, children):
            shared.setdefault(kind, {}).setdefault(child, set()).add(key)
    names = [name for name in rows.table.column_names if not name.endswith("_key")]
    return _Truth(
        dict(zip(keys, children, strict=True)),
        read_groups(rows.table, names, keys),
        kin,
        shared,
        keyed.keyless_count,
        keyed.table.num_rows - rows.table.num_rows,
    )


def _list_by_child(rows: FileTable, name: str, children: list[str]) -> list[tuple[str, str]]:
    """Return each child with its key in a column, if the row has one."""
    if name not in rows.table.column_names:
        return []
    pairs = zip(children, rows.list_texts(name), strict=True)
    return [(child, key) for child, key in pairs if key is not None]


def _require_known(path: Path, has_known: bool, has_rows: bool) -> None:
    """Refuse a truth whose keys are all of no mention: they have another form."""
    if has_rows and not has_known:
        raise PersonsError(f"{path.name}: no row is of a mention. Compare the keys of both files")


def _read_care(mentions: pa.Table, path: Path | None, side: str = "") -> tuple[pa.Table, int]:
    """Read the care placements of mentions, and the number of rows without a key.

    Without a file the table is empty. `side` becomes a prefix of each mention key.
    """
    schema = CARE_SCHEMA.append(pa.field(ADOPTED, pa.bool_()))
    if path is None:
        return schema.empty_table(), 0
    rows = read_labelled_file(path, ["mention_key"])
    care = convert_table(rows, schema)
    if side:
        keys = pc.binary_join_element_wise(side, care["mention_key"], "")
        care = care.set_column(0, "mention_key", keys)
    is_known = pc.is_in(care["mention_key"], mentions["mention_key"].combine_chunks())
    rows.refuse_rows(pc.invert(is_known).to_pylist(), "care of a key that is of no mention")
    return care, rows.keyless_count


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


def _require_header(files: SetFiles, keys: set[str]) -> None:
    """Refuse a file of true pairs without a header, since its first pair would be lost."""
    header, _ = read_csv_rows(files.truth)
    side = "right" if files.right else "left"
    if {f"{end}|{key}" for end, key in zip(("left", side), header, strict=False)} <= keys:
        raise PersonsError(f"{files.truth.name}, line 1: a header is needed before the pairs")


def _require_groupings(path: Path, checked: CheckedTables) -> None:
    """Refuse a grouping of the columns map if no table has it."""
    missing = sorted(
        checked.list_groups().difference(*(each.column_names for each in checked.tables))
    )
    if missing:
        raise PersonsError(f"{path.name}: no table has the grouping: {', '.join(missing)}")
