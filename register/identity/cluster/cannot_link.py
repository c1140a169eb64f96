"""Cannot-link constraints: pairs of mentions that are never one child, whatever their match weight.

Each constraint comes from a guard: adoption, a reviewer's decision, twins, conflicting identifiers
or two care placements at once. Clustering keeps the pairs apart, also if a third record links to
both. Evidence for a link does not belong here (`score`).
"""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa

from register.identity.cluster.care import CARE_SCHEMA
from register.identity.cluster.constrained_clustering import components, edges
from register.identity.cluster.twins import seen_apart, twin_pairs

CANNOT_LINK_SCHEMA = pa.schema(
    [
        ("left_mention_key", pa.string()),
        ("right_mention_key", pa.string()),
        ("guard_code", pa.string()),
    ]
)

# Guard codes. Where several guards apply to a pair, the first in alphabetical order is recorded.
ADOPTION = "adoption"
NEVER_LINK = "never_link_decision"
TWINS = "twins"
IDENTIFIERS = "conflicting_identifiers"
TWO_PLACES = "two_places_at_once"
# Guards that a decision to link does not lift.
NOT_LIFTED = frozenset({ADOPTION, NEVER_LINK})

PAIRS = """
create temp table pairs as
select lhs.mention_key as left_mention_key, rhs.mention_key as right_mention_key,
    lhs.source as left_source, rhs.source as right_source,
    lhs.issuer_code as left_issuer, rhs.issuer_code as right_issuer,
    lhs.names as left_names, rhs.names as right_names,
    lhs.sex_code as left_sex, rhs.sex_code as right_sex,
    lhs.first_period_start as left_known, rhs.first_period_start as right_known,
    lhs.identifiers as left_identifiers, rhs.identifiers as right_identifiers,
    lhs.adoption_date as left_adoption, rhs.adoption_date as right_adoption,
    lhs.care_first_start_date as left_start, rhs.care_first_start_date as right_start,
    list_has_any(lhs.birth_dates, rhs.birth_dates) as has_birth_date,
    list_has_any(lhs.postcodes, rhs.postcodes) as has_postcode,
    len(list_filter(
        list_intersect(lhs.identifiers, rhs.identifiers),
        lambda item: not starts_with(item, 'police')
    )) > 0 as has_identifier
from linked as lhs
inner join linked as rhs
    on lhs.component = rhs.component and lhs.mention_key < rhs.mention_key
"""

# An adopted child has a new identity and number. Authority records whose care starts after the
# adoption, or at an unknown date, may be that child's and stay apart, as do police records first
# known after it.
_AFTER = """(
    {adopted}_source = 'authority' and {adopted}_adoption is not null
    and case {later}_source
        when 'authority' then {later}_start is null or {later}_start >= {adopted}_adoption
        else {later}_known >= {adopted}_adoption
    end
)"""
ADOPTED = f"""
select left_mention_key, right_mention_key, '{ADOPTION}' as guard_code
from pairs
where {_AFTER.format(adopted="left", later="right")}
    or {_AFTER.format(adopted="right", later="left")}
"""

_KIND = "list_filter({side}_identifiers, lambda item: starts_with(item, kind.prefix))"
CONFLICTING = f"""
select distinct left_mention_key, right_mention_key, '{IDENTIFIERS}' as guard_code
from pairs
cross join (values ('nhs|'), ('upn|'), ('home_office|')) as kind (prefix)
where not has_identifier
    and len({_KIND.format(side="left")}) > 0
    and len({_KIND.format(side="right")}) > 0
"""

# Half-open intervals that overlap by more than a day, so that a move is no overlap. Overlapping
# care at one place is of two children, usually twins, if the names differ.
AT_TWO_PLACES = f"""
select distinct pairs.left_mention_key, pairs.right_mention_key, '{TWO_PLACES}' as guard_code
from pairs
inner join care as lhs on pairs.left_mention_key = lhs.mention_key
inner join care as rhs on pairs.right_mention_key = rhs.mention_key
where pairs.left_issuer = pairs.right_issuer and pairs.left_source = pairs.right_source
    and (
        lhs.place != rhs.place
        or (
            pairs.left_names != pairs.right_names
            and len(pairs.left_names) > 0 and len(pairs.right_names) > 0
        )
    )
    and greatest(lhs.care_start_date, rhs.care_start_date) + 1
        < least(
            coalesce(lhs.care_end_date, date '9999-12-31'),
            coalesce(rhs.care_end_date, date '9999-12-31')
        )
"""

HOUSEHOLD = """
select left_mention_key, right_mention_key, left_names, right_names, left_sex, right_sex
from pairs
where has_birth_date and (has_postcode or not has_identifier)
"""

COMBINED = """
select left_mention_key, right_mention_key, min(guard_code) as guard_code
from found
group by left_mention_key, right_mention_key
order by left_mention_key, right_mention_key
"""


def find_cannot_link_pairs(
    mentions: pa.Table, links: pa.Table, care: pa.Table, decisions: pa.Table
) -> pa.Table:
    """Return the cannot-link pairs in `CANNOT_LINK_SCHEMA`, the lower key left.

    Only pairs within a connected component of `links` are examined. `care` is in `CARE_SCHEMA`;
    `decisions` has `decision`, `left_mention_key`, `right_mention_key`. A decision to link lifts
    every guard from its own pair, except adoption and a decision to keep the pair apart.
    """
    with duckdb.connect(":memory:") as connection:
        linked = _with_components(mentions, links)
        connection.register("linked", linked)
        connection.register("care", care.cast(CARE_SCHEMA))
        connection.execute(PAIRS)
        found = [
            connection.execute(statement).to_arrow_table().cast(CANNOT_LINK_SCHEMA)
            for statement in (ADOPTED, CONFLICTING, AT_TWO_PLACES)
        ]
        household = connection.execute(HOUSEHOLD).to_arrow_table()
        component_of = dict(
            zip(*(linked[name].to_pylist() for name in ("mention_key", "component")), strict=True)
        )
        twins = seen_apart(twin_pairs(household, mentions, care), component_of)
        found.append(_of_guard(twins, TWINS))
        found.append(_of_guard(_decided_apart(decisions), NEVER_LINK))
        kept = _without_lifted(pa.concat_tables(found), decisions)
        connection.register("found", kept)
        return connection.execute(COMBINED).to_arrow_table().cast(CANNOT_LINK_SCHEMA)


def _with_components(mentions: pa.Table, links: pa.Table) -> pa.Table:
    """Return the mentions with a link, each with its component."""
    keys = mentions["mention_key"]
    links_by_position = edges(keys, links)
    labels = components(mentions.num_rows, links_by_position)
    is_linked = np.zeros(mentions.num_rows, dtype=bool)
    is_linked[links_by_position.left] = True
    is_linked[links_by_position.right] = True
    linked = mentions.append_column("component", pa.array(labels)).filter(pa.array(is_linked))
    if "sex_code" not in linked.column_names:
        linked = linked.append_column("sex_code", pa.nulls(linked.num_rows, pa.string()))
    return linked


def _of_guard(pairs: list[tuple[str, str]], guard_code: str) -> pa.Table:
    rows = [
        {
            "left_mention_key": min(pair),
            "right_mention_key": max(pair),
            "guard_code": guard_code,
        }
        for pair in pairs
    ]
    return pa.Table.from_pylist(rows, schema=CANNOT_LINK_SCHEMA)


def _decided_apart(decisions: pa.Table) -> list[tuple[str, str]]:
    return [
        (row["left_mention_key"], row["right_mention_key"])
        for row in decisions.to_pylist()
        if row["decision"] in ("never_link", "split")
    ]


def _without_lifted(found: pa.Table, decisions: pa.Table) -> pa.Table:
    decided = {
        frozenset((row["left_mention_key"], row["right_mention_key"]))
        for row in decisions.to_pylist()
        if row["decision"] == "link"
    }
    if not decided:
        return found
    keep = [
        row["guard_code"] in NOT_LIFTED
        or frozenset((row["left_mention_key"], row["right_mention_key"])) not in decided
        for row in found.to_pylist()
    ]
    return found.filter(pa.array(keep, pa.bool_()))
