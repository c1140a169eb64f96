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
from register.queries import read_query

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

PAIRS = read_query(__package__, "mention_pairs")

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
AT_TWO_PLACES = read_query(__package__, "at_two_places", guard_code=TWO_PLACES)

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
