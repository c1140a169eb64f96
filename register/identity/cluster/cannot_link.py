"""Cannot-link constraints: pairs of mentions that are never one child, whatever their match weight.

Each constraint comes from a guard: adoption, a reviewer's decision or conflicting identifiers.
Clustering keeps the two mentions apart even if a third record links to both.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from register.identity.cluster.cluster_tables import build_table
from register.identity.cluster.constrained_clustering import label_linked_mentions
from register.queries import read_query

COLUMNS = ("left_mention_key", "right_mention_key", "guard_code")
CANNOT_LINK_SCHEMA = pa.schema([(name, pa.string()) for name in COLUMNS])

# Guard codes. If several guards apply to a pair, the first one in alphabetical order is recorded.
ADOPTION = "adoption"
NEVER_LINK = "never_link_decision"
IDENTIFIERS = "conflicting_identifiers"
# Guards that stay even if a reviewer decided to link the pair.
NOT_LIFTED = frozenset({ADOPTION, NEVER_LINK})

FILL_PAIRS = read_query(__package__, "mention_pairs")

# An adopted child has a new identity and number, so records before and after the adoption are never
# linked. A record may describe the new identity in two cases: an authority's record whose care
# starts after the adoption or at an unknown date, and a police record first known after it.
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

FIRST_GUARDS = """
select left_mention_key, right_mention_key, min(guard_code) as guard_code
from guarded
group by left_mention_key, right_mention_key
order by left_mention_key, right_mention_key
"""


def find_cannot_link_pairs(mentions: pa.Table, links: pa.Table, decisions: pa.Table) -> pa.Table:
    """Return the cannot-link pairs in `CANNOT_LINK_SCHEMA`, each with its lower key left.

    Only pairs within a connected component of `links` are examined. `decisions` has `decision`,
    `left_mention_key` and `right_mention_key`. A decision to link a pair lifts the pair's guards.
    Two guards stay: adoption, and a decision to keep the pair apart.
    """
    with duckdb.connect(":memory:") as connection:
        connection.register("linked", label_linked_mentions(mentions, links))
        connection.execute(FILL_PAIRS)
        guarded = [
            connection.execute(statement).to_arrow_table().cast(CANNOT_LINK_SCHEMA)
            for statement in (ADOPTED, CONFLICTING)
        ]
        apart = _list_decided_pairs(decisions, "never_link", "split")
        rows = [(*sorted(pair), NEVER_LINK) for pair in apart]
        guarded.append(build_table(rows, CANNOT_LINK_SCHEMA))
        connection.register("guarded", _drop_lifted(pa.concat_tables(guarded), decisions))
        return connection.execute(FIRST_GUARDS).to_arrow_table().cast(CANNOT_LINK_SCHEMA)


def _list_decided_pairs(decisions: pa.Table, *codes: str) -> list[tuple[str, str]]:
    return [
        (row["left_mention_key"], row["right_mention_key"])
        for row in decisions.to_pylist()
        if row["decision"] in codes
    ]


def _drop_lifted(guarded: pa.Table, decisions: pa.Table) -> pa.Table:
    """Remove the guards of pairs that reviewers decided to link, except guards that stay."""
    linked = set(map(frozenset, _list_decided_pairs(decisions, "link")))
    if not linked:
        return guarded
    is_in_force = [
        row["guard_code"] in NOT_LIFTED
        or frozenset((row["left_mention_key"], row["right_mention_key"])) not in linked
        for row in guarded.to_pylist()
    ]
    return guarded.filter(pa.array(is_in_force, pa.bool_()))
