"""Households: records that the one looked-after child of a family explains.

An authority lists every child that it looks after, each under one number. So if authorities list
exactly one child of a surname and date of birth at an address, a police record with that surname,
date and address is of that child, or of a twin who is not looked after. It is of the child if the
forenames are spellings of one name, if the child went missing from its care placement (its parents'
home is none: a twin lives there too), or if the two records share an identifier of a person. A
police reference is none: a report may be about twins.

Uses mentions and care placements only, never dates of absences. The links that follow are made in
`collective_evidence`; the guard that it lifts is in `twins`.
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from itertools import combinations
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from register.identity.clean import clean_postcode, identifies_a_person, split_surname
from register.identity.cluster.care import WITH_PARENTS
from register.identity.cluster.constrained_clustering import Edges, components
from register.identity.cluster.name_similarity import (
    are_any_similar,
    oriented_forenames,
    shared_surnames,
)
from register.queries import read_query

# Authority records of one surname and date of birth with a common address or authority, and police
# records with a common address with them. Of all authority records only those are read that have a
# date of birth of a record near a wanted one.
NEAR = "create temp table near as select position from mentions where is_wanted"
DATED = read_query(__package__, "dated_mentions")
DISTINCT_NAMES = "select distinct unnest(names) as name from dated"
SIDES = """
create or replace temp table sides as
select distinct dated.position, dated.source, dated.issuer_code, birth_date,
    forms.form as surname, dated.postcodes
from dated
cross join unnest(dated.birth_dates) as births (birth_date)
cross join unnest(dated.names) as named (name)
inner join forms on named.name = forms.name
"""
# Those of a surname and date of birth of a record that is near, and that are not yet.
NEARER = """
insert into near
select distinct lhs.position
from sides as lhs
inner join sides as rhs
    on lhs.birth_date = rhs.birth_date and lhs.surname = rhs.surname
where lhs.position not in (select position from near)
    and rhs.position in (select position from near)
returning position
"""
JOINED = """
select distinct lhs.position as one, rhs.position as other
from sides as lhs
inner join sides as rhs
    on lhs.birth_date = rhs.birth_date and lhs.surname = rhs.surname
where lhs.source = 'authority' and {condition}
order by one, other
"""
AUTHORITIES = """
    rhs.source = 'authority' and lhs.position < rhs.position
    and (lhs.issuer_code = rhs.issuer_code or list_has_any(lhs.postcodes, rhs.postcodes))
"""
READ = ("source", "issuer_code", "names", "birth_dates", "postcodes", "identifiers")
# Names whose forms are kept: guards and collective evidence ask for the same ones.
REMEMBERED = 2**18
POLICE = "rhs.source = 'police' and list_has_any(lhs.postcodes, rhs.postcodes)"


class Child(NamedTuple):
    """A looked-after child as authorities record it; `members` are positions of its records."""

    members: tuple[int, ...]
    names: tuple[str, ...]
    sexes: frozenset[str]
    places: frozenset[str]
    identifiers: frozenset[str]


def looked_after_children(
    mentions: pa.Table, care: pa.Table, wanted: pa.Array | pa.ChunkedArray | None = None
) -> dict[str, str]:
    """Return, by mention key, the first mention key of the looked-after child that explains it.

    `mentions` is in `MENTION_SCHEMA`, `care` in `CARE_SCHEMA`. Records that may be of another child
    are left out: if authorities list several children of one surname and date of birth, or if
    recorded sexes differ. Of the `wanted` mention keys (all if left out), those that one child
    explains have the same value, and no others have; a key may be missing that has none in common.
    """
    ordered = _ordered(mentions, wanted)
    joined_authorities, joined_police = _joined(ordered)
    labels = _labels(ordered.num_rows, joined_authorities)
    listed = {*joined_police[:, 0].tolist(), *joined_authorities.ravel().tolist()}
    asked = {*np.flatnonzero(ordered["is_wanted"].to_numpy()).tolist()} & listed
    near = {int(labels[each]) for each in asked | {*joined_police[:, 0].tolist()}}
    members: dict[int, list[int]] = defaultdict(list)
    for position in sorted(listed):
        if int(labels[position]) in near:
            members[int(labels[position])].append(position)
    rows = _rows(
        ordered, {*joined_police[:, 1].tolist()}.union(*members.values()) if members else set()
    )
    places = _places(care, [row["mention_key"] for row in rows.values()])
    children = {
        label: _child(positions, rows, places)
        for label, positions in members.items()
        if _is_one_child(positions, rows)
    }
    reached: dict[int, set[int]] = defaultdict(set)
    for authority, police in joined_police.tolist():
        reached[police].add(int(labels[authority]))
    found: dict[str, str] = {}
    for child in children.values():
        found |= {rows[each]["mention_key"]: rows[child.members[0]]["mention_key"]
                  for each in child.members}  # fmt: skip
    for police, candidates in reached.items():
        label = next(iter(candidates))
        if len(candidates) == 1 and label in children and _explains(children[label], rows[police]):
            found[rows[police]["mention_key"]] = rows[children[label].members[0]]["mention_key"]
    return found


def _ordered(mentions: pa.Table, wanted: pa.Array | pa.ChunkedArray | None) -> pa.Table:
    """What is read of the mentions, in order of keys, with their positions."""
    columns = ["mention_key", *READ, *(["sex_code"] if "sex_code" in mentions.column_names else [])]
    ordered = mentions.select(columns).sort_by("mention_key")
    is_wanted = (
        pa.array(np.ones(ordered.num_rows, dtype=bool))
        if wanted is None
        else pc.is_in(ordered["mention_key"], value_set=wanted)
    )
    positions = pa.array(np.arange(ordered.num_rows, dtype=np.int64))
    return ordered.append_column("position", positions).append_column("is_wanted", is_wanted)


def _joined(ordered: pa.Table) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of positions: authority with authority, authority with wanted police."""
    with duckdb.connect(":memory:") as connection:
        connection.register("mentions", ordered)
        connection.execute(NEAR)
        is_growing = True
        while is_growing:
            connection.execute(DATED)
            # One name at a time: a nation has far fewer names than mentions.
            names = [name for (name,) in connection.execute(DISTINCT_NAMES).fetchall()]
            forms = [(name, form) for name in names for form in _name_forms(name)]
            columns = zip(*forms, strict=True) if forms else ([], [])
            connection.register("forms", pa.table(
                [pa.array(each, pa.string()) for each in columns], names=["name", "form"]
            ))  # fmt: skip
            connection.execute(SIDES)
            is_growing = bool(connection.execute(NEARER).fetchall())
        return tuple(  # type: ignore[return-value]
            np.array(
                connection.execute(JOINED.format(condition=condition)).fetchall(), dtype=np.int64
            ).reshape(-1, 2)
            for condition in (AUTHORITIES, POLICE)
        )


@lru_cache(REMEMBERED)
def _name_forms(name: str) -> frozenset[str]:
    """Surnames and their halves, and forenames, since names may be swapped."""
    parts = {part for part in name.split("|") if part}
    return frozenset(
        form for part in parts for form in (part.replace(" ", ""), *split_surname(part))
    )


def _labels(count: int, pairs: np.ndarray) -> np.ndarray:
    return components(count, Edges(pairs[:, 0], pairs[:, 1], np.zeros(len(pairs))))


def _rows(ordered: pa.Table, positions: set[int]) -> dict[int, dict[str, Any]]:
    wanted = sorted(positions)
    left_out = {"source", "birth_dates", "position", "is_wanted"} & {*ordered.column_names}
    taken = ordered.drop_columns(sorted(left_out)).take(pa.array(wanted, pa.int64()))
    return dict(zip(wanted, taken.to_pylist(), strict=True))


def _places(care: pa.Table, mention_keys: list[str]) -> dict[str, set[str]]:
    """The cleaned postcodes of these mentions' care placements, but for those with its parents."""
    of_them = pc.is_in(care["mention_key"], value_set=pa.array(mention_keys, pa.string()))
    read = care.select(["mention_key", "place", "placement_type_code"]).filter(of_them)
    read = read.group_by(read.column_names).aggregate([])
    cleaned = {
        place: clean_postcode(place) for place in pc.unique(read["place"]).to_pylist() if place
    }
    found: dict[str, set[str]] = defaultdict(set)
    homes: dict[str, set[str]] = defaultdict(set)
    for row in read.to_pylist():
        place = cleaned.get(row["place"])
        if place:
            is_home = row["placement_type_code"] == WITH_PARENTS
            (homes if is_home else found)[row["mention_key"]].add(place)
    return {key: places - homes[key] for key, places in found.items()}


def _is_one_child(positions: list[int], rows: dict[int, dict[str, Any]]) -> bool:
    """Say whether authority records can be of one child: one per authority, similar names."""
    issuers = [rows[position]["issuer_code"] for position in positions]
    names = [rows[position]["names"] for position in positions]
    return len(set(issuers)) == len(issuers) and all(
        are_any_similar(*oriented_forenames(one, other)) for one, other in combinations(names, 2)
    )


def _child(
    positions: list[int], rows: dict[int, dict[str, Any]], places: dict[str, set[str]]
) -> Child:
    records = [rows[position] for position in positions]
    return Child(
        members=tuple(positions),
        names=tuple(sorted({name for row in records for name in row["names"]})),
        sexes=frozenset(_sex(row) for row in records) - {""},
        places=frozenset(
            place for row in records for place in places.get(row["mention_key"], set())
        ),
        identifiers=frozenset(
            item for row in records for item in row["identifiers"] if identifies_a_person(item)
        ),
    )


def _explains(child: Child, record: dict[str, Any]) -> bool:
    """Say whether a police record at the family's address is of this child."""
    sex = _sex(record)
    if sex and child.sexes and sex not in child.sexes:
        return False
    if child.places & set(record["postcodes"]) or child.identifiers & set(record["identifiers"]):
        return True
    ones, others = oriented_forenames(list(child.names), record["names"])
    return (
        bool(shared_surnames(list(child.names), record["names"]))
        and bool(ones and others)
        and are_any_similar(ones, others)
    )


def _sex(record: dict[str, Any]) -> str:
    code = record.get("sex_code") or ""
    return code if code in ("female", "male") else ""
