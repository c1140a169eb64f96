"""Churn: how many mentions would have changed to another child's key in a held load.

A person may accept it. The tolerance is in a seed (`ref__hold_tolerances`), and a dbt test holds
the load. The figures are read from the build, which was moved aside.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from register.decision_files import append_decisions
from register.feeds import format_instant
from register.publishing.generations import FAILED_PREFIX
from register.publishing.key_log import list_logged_generations
from register.settings import Settings

DECISIONS = "churn.csv"
HOLDING_TEST = "assert_no_more_keys_change_than_the_tolerance_allows"
HELD_CHURN = """
    select known_mention_count, changed_mention_count, vanished_mention_count, merged_count,
        split_count, previous_generation_id
    from quality.agg_identity_churn_by_generation
    where is_this_generation
"""


class ChurnError(RuntimeError):
    """Churn cannot be accepted; the message says why."""


@dataclass(frozen=True)
class HeldChurn:
    """The changes of children's keys that a held build would have made to the last generation.

    The counts are those of `quality.agg_identity_churn_by_generation`.
    """

    known_mention_count: int
    changed_mention_count: int
    vanished_mention_count: int
    merged_count: int
    split_count: int
    previous_generation_id: str

    def describe_hold(self) -> str:
        """Return a text on what the held load would have changed, and what an operator can do."""
        return (
            f"Held: of {self.known_mention_count:,} persons of sources that are in generation"
            f" {self.previous_generation_id} too, {self.changed_mention_count:,} would become"
            f" another child ({self.merged_count:,} keys merged, {self.split_count:,} split off),"
            f" and {self.vanished_mention_count:,} more would be gone. That is above the tolerance"
            " in seeds/ref__hold_tolerances.csv. Look into register.fct_identity_events of the"
            " build that was set aside. If it is a fault, mend it and load again; if it is meant,"
            ' accept it: register load --accept-churn --by "…" --reason "…"'
        )


def accept_churn(settings: Settings, by: str, reason: str) -> str:
    """Record that a person accepts more changed keys in the next load than the tolerance allows.

    The acceptance is valid only for the load after the last logged generation, whose id is
    returned. Raises `ChurnError` if a name or reason is missing, or if there is no generation.
    """
    if not by.strip() or not reason.strip():
        raise ChurnError("an acceptance needs a name and a reason")
    logged = list_logged_generations(settings.published)
    if not logged:
        raise ChurnError("nothing is published yet: a first load has no churn to accept")
    row = [format_instant(datetime.now(UTC)), by.strip(), logged[-1], reason.strip()]
    append_decisions(settings, DECISIONS, [row], ChurnError)
    return logged[-1]


def read_held_churn(settings: Settings) -> HeldChurn | None:
    """Return the churn of the build that was last moved aside, or None if none is recorded."""
    failed = sorted(settings.published.glob(f"{FAILED_PREFIX}*"))
    if not failed:
        return None
    try:
        path = failed[-1] / "national_register.duckdb"
        with duckdb.connect(str(path), read_only=True) as connection:
            rows = connection.execute(HELD_CHURN).fetchall()
    except duckdb.Error:
        return None
    return HeldChurn(*rows[0]) if rows and rows[0][-1] is not None else None
