"""A further month: pairs that it takes apart are counted, by whether a new record is like them."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pyarrow as pa
import pytest

from benchmarks.linkage import added_month
from register.identity.cluster import CARE_SCHEMA
from register.identity.evaluate import LabelledSet
from tests.identity.people import mention, mention_table

OLD, NEW = date(2026, 1, 1), date(2026, 2, 1)
# a, b and c are one child, d and e another; f is new, and like d.
MENTIONS = mention_table(
    *(mention(key, "Robin|Hale", period=OLD) for key in "abcde"),
    mention("f", "Robin|Hale", period=NEW),
)
CHILD_OF = dict(zip("abcde", "11122", strict=True))


def link_by_hand(mentions: pa.Table, _: pa.Table) -> SimpleNamespace:
    """One child each before the month; with f, c and e leave."""
    has_new = "f" in mentions["mention_key"].to_pylist()
    founders = {"a": "a", "b": "a", "c": "a", "d": "d", "e": "d"}
    if has_new:
        founders |= {"c": "c", "e": "e", "f": "d"}
    rows = [{"mention_key": key, "founding_mention_key": each} for key, each in founders.items()]
    links = {"left_mention_key": ["d"], "right_mention_key": ["f"]}
    return SimpleNamespace(clusters=pa.Table.from_pylist(rows), links=pa.table(links))


def test_lost_pairs_are_those_of_one_child_that_no_longer_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Prevents a month that parts children from passing for one that adds records."""
    monkeypatch.setattr(added_month, "link_mentions", link_by_hand)
    found = added_month.add_last_month(LabelledSet(MENTIONS, CARE_SCHEMA.empty_table(), CHILD_OF))
    assert found == (1, 4, 3, 2)
