"""Households: police records that must be of a family's only looked-after child.

An authority lists every child that it looks after, each under one number. Suppose that authorities
list exactly one child of a surname and date of birth at an address. Then a police record with that
surname, date and address is of this child, or of a twin who is not looked after. It is of the child
in three cases:

- The forenames are spellings of one name.
- The child went missing from their care placement. The parents' home does not count, since a twin
  lives there too.
- The two records share an identifier of a person. A police reference does not count, since a report
  may be about twins.

Only mentions and care placements are used, never dates of absences. `collective_evidence` makes the
resulting links. `twins` has the guard that such a child lifts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from itertools import combinations
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from register.identity.clean import clean_postcode, identifies_a_person, split_surname
from register.identity.cluster.cluster_tables import WITH_PARENTS, register_name_forms
from register.identity.cluster.constrained_clustering import Edges, label_components
from register.identity.cluster.name_similarity import (
    are_any_similar,
    find_shared_surnames,
    orient_forenames,
)
from register.queries import read_query

Record = dict[str, Any]
# Two authority records are joined if they share a surname, a date of birth, and an address or
# authority. A police record is joined to an authority record if they share a surname, date of birth
# and address. To save time, authority records are read only if they share a date of birth with a
# record in `near`: a wanted record, or one that `EXTEND_NEAR` adds.
FILL_NEAR = "create temp table near as select position from mentions where is_wanted"
FILL_DATED = read_query(__package__, "dated_mentions")
FILL_SIDES = """
create or replace temp table sides as
select distinct dated.position, dated.source, dated.issuer_code, birth_date,
    forms.form as surname, dated.postcodes
from dated
cross join unnest(dated.birth_dates) as births (birth_date)
cross join unnest(dated.names) as named (name)
inner join forms on named.name = forms.name
"""
# Add records that share a surname and date of birth with a record in `near`.
EXTEND_NEAR = """
insert into near
select distinct lhs.position
from sides as lhs
inner join sides as rhs
    on lhs.birth_date = rhs.birth_date and lhs.surname = rhs.surname
where lhs.position not in (select position from near)
    and rhs.position in (select position from near)
returning position
"""
JOIN_SIDES = """
select distinct lhs.position as one, rhs.position as other
from sides as lhs
inner join sides as rhs
    on lhs.birth_date = rhs.birth_date and lhs.surname = rhs.surname
where lhs.source = 'authority' and {condition}
order by one, other
"""
AUTHORITY_CONDITION = """
    rhs.source = 'authority' and lhs.position < rhs.position
    and (lhs.issuer_code = rhs.issuer_code or list_has_any(lhs.postcodes, rhs.postcodes))
"""
POLICE_CONDITION = "rhs.source = 'police' and list_has_any(lhs.postcodes, rhs.postcodes)"
COLUMNS = ("source", "issuer_code", "names", "birth_dates", "postcodes", "identifiers")
FORM_SCHEMA = pa.schema([("name", pa.string()), ("form", pa.string())])
# Size of the cache of `_list_name_forms`, which guards and collective evidence call for the same
# names.
NAME_CACHE_SIZE = 2**18


class Child(NamedTuple):
    """A looked-after child in authorities' records; `members` are the positions of the records."""

    members: tuple[int, ...]
    names: tuple[str, ...]
    sexes: frozenset[str]
    places: frozenset[str]
    identifiers: frozenset[str]


def find_looked_after_children(
    mentions: pa.Table, care: pa.Table, asked_keys: pa.Array | pa.ChunkedArray | None = None
) -> dict[str, str]:
    """Return, for each mention, the looked-after child that explains it (the child's lowest key).

    `mentions` is in `MENTION_SCHEMA`, `care` in `CARE_SCHEMA`. A mention is left out if it may be
    of another child: authorities list several children of its surname and date of birth, or
    recorded sexes differ. Two of the `asked_keys` (by default all) have the same value exactly if
    one child explains both. A mention may also be missing if its child explains no other mention.
    """
    ordered = _order_mentions(mentions, asked_keys)
    joined_authorities, joined_police = _join_records(ordered)
    left, right = joined_authorities.T
    labels = label_components(ordered.num_rows, Edges(left, right, np.zeros(len(left))))
    police_authorities = {*joined_police[:, 0].tolist()}
    listed = police_authorities | {*joined_authorities.ravel().tolist()}
    asked_positions = {*np.flatnonzero(ordered["is_wanted"].to_numpy()).tolist()} & listed
    near = {int(labels[each]) for each in asked_positions | police_authorities}
    members: dict[int, list[int]] = defaultdict(list)
    for position in sorted(listed):
        if int(labels[position]) in near:
            members[int(labels[position])].append(position)
    positions = {*joined_police[:, 1].tolist()}.union(*members.values()) if members else set()
    rows = _read_rows(ordered, positions)
    places = _find_care_places(care, [row["mention_key"] for row in rows.values()])
    children = {
        label: _describe_child(positions, rows, places)
        for label, positions in members.items()
        if _is_one_child(positions, rows)
    }
    labels_of_police: dict[int, set[int]] = defaultdict(set)
    for authority, police in joined_police.tolist():
        labels_of_police[police].add(int(labels[authority]))
    explained = {
        rows[member]["mention_key"]: rows[child.members[0]]["mention_key"]
        for child in children.values()
        for member in child.members
    }
    for police, candidates in labels_of_police.items():
        child = children.get(next(iter(candidates))) if len(candidates) == 1 else None
        if child is not None and _explains(child, rows[police]):
            explained[rows[police]["mention_key"]] = rows[child.members[0]]["mention_key"]
    return explained


def explain_same_child(child_of: Mapping[str, str], one: str, other: str) -> bool:
    """Say whether the same looked-after child explains both mentions."""
    return one in child_of and child_of[one] == child_of.get(other)


def _order_mentions(mentions: pa.Table, asked_keys: pa.Array | pa.ChunkedArray | None) -> pa.Table:
    """Return the needed columns of mentions, in order of keys, with their positions.

    `is_wanted` marks the mentions with the `asked_keys`, by default all.
    """
    has_sex = "sex_code" in mentions.column_names
    columns = ["mention_key", *COLUMNS, *(["sex_code"] if has_sex else [])]
    ordered = mentions.select(columns).sort_by("mention_key")
    is_wanted = (
        pa.array(np.ones(ordered.num_rows, dtype=bool))
        if asked_keys is None
        else pc.is_in(ordered["mention_key"], value_set=asked_keys)
    )
    positions = pa.array(np.arange(ordered.num_rows, dtype=np.int64))
    return ordered.append_column("position", positions).append_column("is_wanted", is_wanted)


def _join_records(ordered: pa.Table) -> tuple[np.ndarray, np.ndarray]:
    """Return the positions of joined pairs of records, in two arrays.

    The first has pairs of authority records (`AUTHORITY_CONDITION`). The second has pairs of an
    authority record and a police record (`POLICE_CONDITION`).
    """
    with duckdb.connect(":memory:") as connection:
        connection.register("mentions", ordered)
        connection.execute(FILL_NEAR)
        is_growing = True
        while is_growing:
            connection.execute(FILL_DATED)
            register_name_forms(connection, "dated", FORM_SCHEMA, _list_name_forms)
            connection.execute(FILL_SIDES)
            is_growing = bool(connection.execute(EXTEND_NEAR).fetchall())
        authorities, police = (
            np.array(
                connection.execute(JOIN_SIDES.format(condition=condition)).fetchall(),
                dtype=np.int64,
            ).reshape(-1, 2)
            for condition in (AUTHORITY_CONDITION, POLICE_CONDITION)
        )
        return authorities, police


@lru_cache(NAME_CACHE_SIZE)
def _list_name_forms(name: str) -> frozenset[tuple[str]]:
    """Return the forms of the surname and of the forenames of a name, in one set.

    The two fields may be swapped. The forms of a field are its text without spaces and, if it is
    double-barrelled, the two halves.
    """
    parts = {part for part in name.split("|") if part}
    return frozenset(
        (form,) for part in parts for form in (part.replace(" ", ""), *split_surname(part))
    )


def _read_rows(ordered: pa.Table, positions: set[int]) -> dict[int, Record]:
    numbers = sorted(positions)
    unread = ["source", "birth_dates", "position", "is_wanted"]
    rows = ordered.drop_columns(unread).take(pa.array(numbers, pa.int64())).to_pylist()
    return dict(zip(numbers, rows, strict=True))


def _find_care_places(care: pa.Table, mention_keys: list[str]) -> dict[str, set[str]]:
    """Return, by mention key, the postcodes of care placements other than with the parents."""
    is_asked = pc.is_in(care["mention_key"], value_set=pa.array(mention_keys, pa.string()))
    placements = care.select(["mention_key", "place", "placement_type_code"]).filter(is_asked)
    placements = placements.group_by(placements.column_names).aggregate([])
    cleaned = {
        place: clean_postcode(place)
        for place in pc.unique(placements["place"]).to_pylist()
        if place
    }
    places: dict[str, set[str]] = defaultdict(set)
    homes: dict[str, set[str]] = defaultdict(set)
    for row in placements.to_pylist():
        place = cleaned.get(row["place"])
        if place:
            is_home = row["placement_type_code"] == WITH_PARENTS
            (homes if is_home else places)[row["mention_key"]].add(place)
    return {key: codes - homes[key] for key, codes in places.items()}


def _is_one_child(positions: list[int], rows: dict[int, Record]) -> bool:
    """Say whether authority records may be of one child.

    They may be if each comes from another authority and all their names are similar.
    """
    issuers = [rows[position]["issuer_code"] for position in positions]
    names = [rows[position]["names"] for position in positions]
    return len(set(issuers)) == len(issuers) and all(
        are_any_similar(*orient_forenames(one, other)) for one, other in combinations(names, 2)
    )


def _describe_child(
    positions: list[int], rows: dict[int, Record], places: dict[str, set[str]]
) -> Child:
    records = [rows[position] for position in positions]
    return Child(
        members=tuple(positions),
        names=tuple(sorted({name for row in records for name in row["names"]})),
        sexes=frozenset(_read_sex(row) for row in records) - {""},
        places=frozenset().union(*(places.get(row["mention_key"], ()) for row in records)),
        identifiers=frozenset(
            item for row in records for item in row["identifiers"] if identifies_a_person(item)
        ),
    )


def _explains(child: Child, record: Record) -> bool:
    """Say whether a police record at the family's address is of this looked-after child."""
    sex = _read_sex(record)
    if sex and child.sexes and sex not in child.sexes:
        return False
    if child.places & set(record["postcodes"]) or child.identifiers & set(record["identifiers"]):
        return True
    ones, others = orient_forenames(child.names, record["names"])
    return (
        bool(find_shared_surnames(child.names, record["names"]))
        and bool(ones and others)
        and are_any_similar(ones, others)
    )


def _read_sex(record: Record) -> str:
    code = record.get("sex_code") or ""
    return code if code in ("female", "male") else ""
