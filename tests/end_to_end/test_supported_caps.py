"""People judge a sample of one cap, and the next load links its pairs; a drill: it builds anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from register.decision_files import append_decisions
from register.settings import Settings
from tests.end_to_end.conftest import Nation
from tests.end_to_end.registers import build

pytestmark = pytest.mark.drill

MOMENT = "2026-01-01T09:00:00Z"
# What a sample or a decision can change, up to the outcome of each pair.
CHANGED = (
    "stg_decisions__clerical_sample+,+int_pair_outcomes",
    "stg_decisions__links+,+int_pair_outcomes",
    "rules_of_int_pair_links",
    "rules_of_int_sampled_cap_pairs",
)
# The cap with the most pairs that a sample can link.
CAP = """
    select capped_by from intermediate.int_pair_outcomes
    where review_reason_code = 'capped' and is_loose and guard_code is null
    group by capped_by order by count(*) desc, capped_by limit 1
"""
UNDER_CAP = """
    select left_mention_key, right_mention_key, is_loose, band_code, link_method, outcome_code,
        review_reason_code, is_joined
    from intermediate.int_pair_outcomes where capped_by = ? order by all
"""
CHILDREN = "select mention_key, child_id_register from identity.int_child_crosswalk order by all"


def _read(settings: Settings, query: str, *values: object) -> list[tuple[Any, ...]]:
    path = settings.warehouse / "warehouse.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(query, values).fetchall()


def _judge(settings: Settings, cap: str, pairs: list[tuple[str, str]], judgement: str) -> None:
    """Draw pairs under a cap, and give each of them the same judgement."""
    for place, keys in enumerate(pairs):
        drawn = ["S1", MOMENT, "1", f"P{place:016X}", *keys, f"cap {cap}", "60", "40", "1.5"]
        append_decisions(settings, "clerical_sample.csv", [drawn], ValueError)
        judged = [MOMENT, "A Reviewer", *keys, judgement, "true", "sample"]
        append_decisions(settings, "reviews.csv", [judged], ValueError)


def _invent(places: range) -> list[tuple[str, str]]:
    """The keys of pairs whose records are not in the register."""
    return [(f"{place:032x}", f"{place + 1000:032x}") for place in places]


def test_a_sample_links_its_cap_and_a_decision_still_parts_a_pair(
    nation: Nation, tmp_path: Path
) -> None:
    """Prevents support that no load follows, that a load repeats, or that overrules people.

    In one test, since each build goes on from the one before it.
    """
    home = nation.copy(tmp_path / "home").settings
    ((cap,),) = _read(home, CAP)
    before, children = _read(home, UNDER_CAP, cap), _read(home, CHILDREN)
    doubted, *linkable = (row[:2] for row in before if row[2] and row[3] == "review")
    assert linkable

    _judge(home, cap, [doubted], "different")
    _judge(home, cap, _invent(range(51)), "same")
    build(home, "too_few", only=CHANGED)
    assert (_read(home, UNDER_CAP, cap), _read(home, CHILDREN)) == (before, children)

    _judge(home, cap, _invent(range(51, 52)), "same")
    build(home, "enough", only=CHANGED)
    after, joined = _read(home, UNDER_CAP, cap), _read(home, CHILDREN)
    linked = {row[:2]: row for row in after if row[4] == "clerical_sample"}
    assert linked.keys() == set(linkable)
    assert {row[3] for row in linked.values()} == {"link"}
    assert len({child for _, child in joined}) < len({child for _, child in children})
    others = [row for row in before if row[:2] not in linked]
    assert [row[:5] for row in after if row[:2] not in linked] == [row[:5] for row in others]

    build(home, "again", only=CHANGED)
    assert (_read(home, UNDER_CAP, cap), _read(home, CHILDREN)) == (after, joined)

    parted = next(pair for pair, row in linked.items() if row[7])
    decided = [MOMENT, "A. Person", "never_link", *parted, "invented", "", "other"]
    append_decisions(home, "links.csv", [decided], ValueError)
    build(home, "decided", only=CHANGED)
    (row,) = (row for row in _read(home, UNDER_CAP, cap) if row[:2] == parted)
    assert row[3:] == ("link", "clerical_sample", "kept_apart_by_decision", None, False)
