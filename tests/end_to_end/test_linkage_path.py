"""The one function from mentions to children does what a load does, and so does its review list."""

from __future__ import annotations

from collections import defaultdict

import duckdb

from register.identity.cluster import CARE_SCHEMA, link_mentions
from register.identity.evaluate import found_children, review_list
from tests.end_to_end.conftest import Nation

CARE = f"select {', '.join(CARE_SCHEMA.names)} from identity.int_mention_care"
LISTED = """
select left_mention_key, right_mention_key, review_reason_code
from intermediate.int_pair_outcomes
where review_reason_code is not null
"""


def test_mentions_become_the_children_and_the_review_list_of_a_load(nation: Nation) -> None:
    """Prevents an evaluation of another path than the one that makes the register."""
    with duckdb.connect(":memory:") as connection:
        nation.attach(connection)
        mentions = connection.execute("select * from identity.int_clean_mentions").to_arrow_table()
        care = connection.execute(CARE).to_arrow_table()
        decisions = connection.execute("select * from identity.int_link_decisions").to_arrow_table()
        crosswalk = connection.execute(
            "select mention_key, founding_mention_key from identity.int_child_crosswalk"
        ).fetchall()
        listed = {
            (left, right): reason for left, right, reason in connection.execute(LISTED).fetchall()
        }
    members = defaultdict(set)
    for key, founder in crosswalk:
        members[founder].add(key)
    linkage = link_mentions(mentions, care, decisions)
    found = found_children(linkage)
    assert len(found) > 100
    assert found == {frozenset(each) for each in members.values()}
    assert decisions.num_rows == 0, "a decided pair is on the list for reasons of its own"
    assert {pair: reason for pair, (reason, _) in review_list(linkage).items()} == listed
