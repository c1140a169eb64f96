"""People decide, load again, look at the keys, and take it back: from decisions to events."""

from __future__ import annotations

import csv
import shutil
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from register.home import prepare_home
from register.publishing import publish, read_generation_id, read_key_history
from register.settings import Settings
from tests.end_to_end.conftest import Nation
from tests.end_to_end.registers import build, contents, rows

pytestmark = pytest.mark.drill

TESTS = (
    "assert_every_logged_key_is_kept_once",
    "assert_every_successor_is_current",
    "assert_no_key_is_given_to_another_child",
    "assert_every_change_of_keys_is_one_event",
    "assert_no_more_keys_change_than_the_tolerance_allows",
    "assert_golden_records_agree_with_the_register",
)
MARTS = (
    "dim_child_keys",
    "fct_identity_events",
    "agg_identity_churn_by_generation",
    "bridge_child_sources",
    "dim_children",
    "fct_reports",
    "golden_record_children",
    "fct_episodes",
)
UNCHANGED = ("dim_deliveries", "dim_suppliers", "dim_authorities", "dim_police_forces")
EVERYTHING = (
    *(f"+{mart}" for mart in (*MARTS, *UNCHANGED)),
    "ref__hold_tolerances",
    *TESTS,
)
# What a decision or the key log can change; the rest of the warehouse stays as it is.
CHANGED = (
    *(f"stg_decisions__links+,+{mart}" for mart in MARTS),
    "stg_key_log__mentions",
    *UNCHANGED,
    *TESTS,
)
CROSSWALK = "select mention_id_register, child_id_register from register.bridge_child_sources"
CHANGES = """
    select event_code, child_id_register, other_child_id_register, reason
    from register.fct_identity_events
    where event_code not in ('created', 'decided')
"""
PERSONS = """
    select mention_key, child_id_register, source, is_founder
    from identity.int_child_crosswalk where mention_count = {count} order by mention_key
"""


@dataclass(frozen=True)
class Pair:
    """Two mentions to decide on, the one that keeps its key first, with their children's keys."""

    founder: str
    other: str
    kept_key: str
    other_key: str


def _decide(settings: Settings, decision: str, pair: Pair) -> None:
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    with (settings.decisions / "links.csv").open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow(
            [moment, "A Reviewer", decision, pair.founder, pair.other, "A brother says so", "", ""]
        )


def _persons(settings: Settings, count: int) -> list[tuple[str, str, str, bool]]:
    path = settings.warehouse / "warehouse.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(PERSONS.format(count=count)).fetchall()


def _two_children(settings: Settings) -> tuple[str, str]:
    """Two police persons without a link: nothing but a decision could bring them together."""
    alone = [row[0] for row in _persons(settings, 1) if row[2] == "police"]
    return alone[0], alone[1]


def _one_child(settings: Settings) -> Pair:
    """The two persons of one child, to be parted."""
    first = next(row for row in _persons(settings, 2) if row[3])
    other = next(row for row in _persons(settings, 2) if row[1] == first[1] and not row[3])
    return Pair(first[0], other[0], first[1], f"C{other[0][:24].upper()}")


def decide_link(settings: Settings) -> None:
    """Link two police persons whom nothing but this decision brings together."""
    _decide(settings, "link", Pair(*_two_children(settings), "", ""))


def _home(nation: Nation, folder: Path) -> Settings:
    home = replace(nation.settings, home=folder)
    shutil.copytree(nation.settings.landing, home.landing)
    prepare_home(home)
    return home


def _keys(folder: Path) -> dict[str, str]:
    return {str(mention): str(child) for mention, child in rows(folder, CROSSWALK)}


def test_a_decision_changes_keys_and_its_opposite_puts_them_back(
    nation: Nation, tmp_path: Path
) -> None:
    """Prevents keys that decisions scatter, merges that leave no trace, and undoing that is none.

    In one test, since each generation stands on the one before it.
    """
    home = _home(nation, tmp_path / "home")
    first = publish(home, build(home, "first", only=EVERYTHING))
    before = _keys(first.folder)
    apart, together = _two_children(home), _one_child(home)

    _decide(home, "link", Pair(*apart, "", ""))
    _decide(home, "never_link", together)
    second = publish(home, build(home, "decided", only=CHANGED))
    after = _keys(second.folder)
    published = str(contents(second.folder))
    assert "A brother says so" not in published, "a reviewer's words are for reviewers"
    assert "A Reviewer" not in published
    linked = {f"C{key[:24].upper()}" for key in apart}
    kept = after[f"M{apart[0][:24].upper()}"]
    (retired,) = linked - {kept}
    assert after[f"M{apart[1][:24].upper()}"] == kept
    decided = {
        ("merged", retired, kept, "decision"): 1,
        ("split", together.other_key, together.kept_key, "decision"): 1,
    }
    assert rows(second.folder, CHANGES) == decided
    assert {key for key in before if before[key] != after[key]} == {
        f"M{retired[1:]}",
        f"M{together.other_key[1:]}",
    }, "nobody else's key has changed"
    assert len(set(after.values())) == len(set(before.values())), "one child fewer and one more"
    tombstone = read_key_history(second, retired, home.seeds)
    assert tombstone is not None
    assert (tombstone.status_code, tombstone.successor_child_id_register) == ("merged", kept)
    assert tombstone.retired_generation_id == second.generation_id
    assert [event.event_code for event in tombstone.events] == ["created", "decided", "merged"]
    for event in tombstone.events[1:]:
        both = {event.child_id_register, event.other_child_id_register}
        assert both == {retired, kept}, "an event of a merge names the key that is gone as well"

    _decide(home, "never_link", Pair(*apart, "", ""))
    _decide(home, "link", together)
    undone = build(home, "undone", only=CHANGED)
    assert _keys(undone) == before, "key for key"
    assert rows(undone, CHANGES) == {
        **decided,
        ("split", retired, kept, "decision"): 1,
        ("merged", together.other_key, together.kept_key, "decision"): 1,
    }, "the history stays"
    statuses = "select child_id_register, status_code from register.dim_child_keys"
    found = {str(key): str(status) for key, status in rows(undone, statuses)}
    assert found.pop(together.other_key) == "merged"
    assert found == dict.fromkeys(before.values(), "current")

    shutil.rmtree(home.warehouse)
    home.warehouse.mkdir()
    # Of the same name: what happened in a generation says in which.
    same = read_generation_id(undone)
    rebuilt = contents(build(home, "rebuilt", generation_id=same, only=EVERYTHING))
    found_before = contents(undone)
    assert {name: rebuilt[name] for name in found_before} == found_before
