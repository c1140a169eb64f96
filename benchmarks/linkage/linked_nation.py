"""A simulated nation linked by three methods: the register's, stock Splink and exact matching.

The speed of scoring is measured too. The input is a simulated home whose warehouse is built
(`register simulate`, `register load`): its cleaned mentions, periods of care, and truth. No
personal data is shown.
"""

from __future__ import annotations

import os
import resource
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from benchmarks.linkage.stock_splink import score_by_stock_splink
from register.identity.cluster import link_mentions
from register.identity.evaluate import Interval, Pair, closed_pairs, found_children, measure_counts
from register.identity.score import load_model, score_pairs
from simulation import truth_file

MENTIONS = "select * from identity.int_clean_mentions order by mention_key"
CARE = """
select mention_key, place, care_start_date, care_end_date, placement_type_code
from identity.int_mention_care
"""
# The true person of each mention. A police report without a person number is a mention of its own,
# whose source id begins with `report:`.
TRUTH = """
with known as (
    select supplier_code, person_source_id as source_id, person_id from read_parquet($mentions)
    union
    select supplier_code, 'report:' || source_id, person_id from read_parquet($records)
    where feed = 'police_reports'
)
select keys.source_key as mention_key, known.person_id
from intermediate.int_source_keys as keys
inner join known on keys.issuer = known.supplier_code and keys.source_id = known.source_id
where keys.kind = 'person'
"""
# Pairs of persons who must never be linked: twins, and a child before and after an adoption.
KIN = """
select lhs.person_id, rhs.person_id, 'twins' as kind
from read_parquet($persons) as lhs
inner join read_parquet($persons) as rhs
    on lhs.twin_group = rhs.twin_group and lhs.person_id < rhs.person_id
where lhs.twin_group >= 0
union all
select lhs.person_id, rhs.person_id, 'adopted' as kind
from read_parquet($persons) as lhs
inner join read_parquet($persons) as rhs
    on lhs.adoption_pair = rhs.adoption_pair and lhs.person_id < rhs.person_id
where lhs.adoption_pair >= 0
"""
FLAT = """
select mention_key as unique_id, nullif(split_part(primary_name, '|', 1), '') as forename,
    nullif(split_part(primary_name, '|', 2), '') as surname,
    strftime(birth_dates[1], '%Y-%m-%d') as birth_date, postcodes[1] as postcode
from mentions
order by unique_id
"""
EXACT = """
select lhs.unique_id as left_key, rhs.unique_id as right_key
from flat as lhs
inner join flat as rhs using (forename, surname, birth_date{postcode})
where lhs.unique_id < rhs.unique_id
"""


@dataclass(frozen=True)
class Nation:
    """A home's mentions and care, each mention's person, and pairs that must never be linked.

    `kin` has these pairs of persons: twins, and a child before and after adoption.
    """

    mentions: pa.Table
    care: pa.Table
    person_of: dict[str, int]
    kin: dict[tuple[int, int], str]

    def true_pair_count(self) -> int:
        """Return the number of pairs of mentions of one person."""
        counts: dict[int, int] = {}
        for person in self.person_of.values():
            counts[person] = counts.get(person, 0) + 1
        return sum(count * (count - 1) // 2 for count in counts.values())


def read_nation(home: Path) -> Nation:
    """Read a simulated home; mentions without a simulated person (bad deliveries) are left out."""
    warehouse = str(home / "warehouse" / "warehouse.duckdb")
    truth = {name: str(truth_file(home, name)) for name in ("mentions", "records")}
    with duckdb.connect(warehouse, read_only=True) as connection:
        mentions = connection.execute(MENTIONS).to_arrow_table()
        care = connection.execute(CARE).to_arrow_table()
        rows = connection.execute(TRUTH, truth).fetchall()
        persons = {"persons": str(truth_file(home, "persons"))}
        kin = {
            (one, other): kind for one, other, kind in connection.execute(KIN, persons).fetchall()
        }
    return Nation(mentions, care, dict(rows), kin)


def link_nation(home: Path) -> list[dict[str, Any]]:
    """Link a nation by three methods, and return a row of figures for each.

    Exact matching has two rows, with and without the postcode. The register's pairs are all pairs
    within its children.
    """
    nation = read_nation(home)
    with duckdb.connect(":memory:") as connection:
        connection.register("mentions", nation.mentions)
        flat = connection.execute(FLAT).to_arrow_table()
    return [
        _time_method(
            "exact: names, date, postcode", nation, lambda: _match_exactly(flat, ", postcode")
        ),
        _time_method("exact: names, date", nation, lambda: _match_exactly(flat, "")),
        _time_method("Splink, stock", nation, lambda: stock_pairs(flat)),
        _time_method("ours, in children", nation, lambda: _link_with_register(nation)),
    ]


def time_scoring(nation: Nation) -> dict[str, float]:
    """Score a nation by the pinned model; return elapsed and processor seconds and peak memory."""
    started, used = time.perf_counter(), os.times()
    score_pairs(nation.mentions, load_model())
    after = os.times()
    return {
        "mention_count": nation.mentions.num_rows,
        "seconds": time.perf_counter() - started,
        "processor_seconds": after.user + after.system - used.user - used.system,
        "peak_gigabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
    }


def _match_exactly(flat: pa.Table, postcode: str) -> set[Pair]:
    with duckdb.connect(":memory:") as connection:
        connection.register("flat", flat)
        return set(connection.execute(EXACT.format(postcode=postcode)).fetchall())


def _link_with_register(nation: Nation) -> set[Pair]:
    return closed_pairs(found_children(link_mentions(nation.mentions, nation.care)))


def stock_pairs(flat: pa.Table) -> set[Pair]:
    """Return the pairs that stock Splink finds likely after training on the records (`FLAT`)."""
    scored = score_by_stock_splink([flat], min_weight=0)
    return set(zip(scored["left_key"].to_pylist(), scored["right_key"].to_pylist(), strict=True))


def _time_method(method: str, nation: Nation, link: Callable[[], set[Pair]]) -> dict[str, Any]:
    started = time.perf_counter()
    linkage = link()
    known = [
        pair for pair in linkage if pair[0] in nation.person_of and pair[1] in nation.person_of
    ]
    right = sum(nation.person_of[left] == nation.person_of[other] for left, other in known)
    persons = ((nation.person_of[left], nation.person_of[other]) for left, other in known)
    joined = {(min(pair), max(pair)) for pair in persons}
    wrong = Counter(nation.kin[pair] for pair in joined if pair in nation.kin)
    result = measure_counts(right, len(known) - right, nation.true_pair_count() - right)
    nothing = Interval(0.0, 0.0)
    return {
        "method": method,
        "precision": result.precision or 0.0,
        "precision_interval": result.precision_interval or nothing,
        "recall": result.recall or 0.0,
        "recall_interval": result.recall_interval or nothing,
        "f1": result.f1 or 0.0,
        "twins": wrong["twins"],
        "adopted": wrong["adopted"],
        "seconds": round(time.perf_counter() - started, 1),
    }
