"""The history of a child's key in a generation: status, events and numbers of records.

It names no child. Creating keys belongs in `register.identity`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from register.publishing.generations import Generation
from register.publishing.register_files import open_register
from register.supplier_names import name_supplier

KEY = """
    select child_id_register, status_code, successor_child_id_register, first_generation_id,
        retired_generation_id
    from register.dim_child_keys
    where child_id_register = $child
"""
EVENTS = """
    select event_code, cast(occurred_at as varchar), generation_id, child_id_register,
        other_child_id_register, mention_count, reason_code, decision, is_in_force
    from register.fct_identity_events
    where $child in (child_id_register, other_child_id_register)
    order by occurred_at, generation_id, event_code, child_id_register, other_child_id_register
"""
MENTIONS = """
    select source, issuer_code, count(*), count(*) filter (where link_method = 'decision')
    from register.bridge_child_sources
    where child_id_register = $child
    group by source, issuer_code
    order by source, issuer_code
"""
COUNTS = """
    select
        (select count(*) from register.fct_episodes where child_id_register = $child),
        (select count(*) from register.fct_reports where child_id_register = $child)
"""


@dataclass(frozen=True)
class KeyEvent:
    """An event from `fct_identity_events` that involves the key."""

    event_code: str
    occurred_at: str
    generation_id: str
    child_id_register: str
    other_child_id_register: str | None
    mention_count: int
    reason_code: str | None
    decision: str | None
    is_in_force: bool | None


@dataclass(frozen=True)
class MentionCount:
    """The number of the child's person records from one issuer, and how many a decision linked."""

    source: str
    issuer_code: str
    issuer_name: str
    mention_count: int
    decided_count: int


@dataclass(frozen=True)
class KeyHistory:
    """A child's key, current or retired, in one generation.

    A retired key has no mentions, episodes or reports. They belong to its successor, or suppliers
    no longer deliver them.
    """

    child_id_register: str
    status_code: str
    successor_child_id_register: str | None
    first_generation_id: str
    retired_generation_id: str | None
    generation_id: str
    mentions: tuple[MentionCount, ...]
    episode_count: int
    report_count: int
    events: tuple[KeyEvent, ...]


def read_key_history(generation: Generation, child_id: str, seeds: Path) -> KeyHistory | None:
    """Return the history of a child's key, or None if the key was never published.

    The names of issuers are read from the folder `seeds`.
    """
    with open_register(generation) as connection:
        parameters = {"child": child_id}
        key = connection.execute(KEY, parameters).fetchone()
        if key is None:
            return None
        events = connection.execute(EVENTS, parameters).fetchall()
        mentions = connection.execute(MENTIONS, parameters).fetchall()
        counts = connection.execute(COUNTS, parameters).fetchall()[0]
    child, status, successor, first_id, retired_id = _insert_generation_id(key, generation)
    return KeyHistory(
        child,
        status,
        successor,
        first_id,
        retired_id,
        generation_id=generation.generation_id,
        mentions=tuple(
            MentionCount(source, code, name_supplier(seeds, code), *row_counts)
            for source, code, *row_counts in mentions
        ),
        episode_count=int(counts[0]),
        report_count=int(counts[1]),
        events=tuple(KeyEvent(*_insert_generation_id(row, generation)) for row in events),
    )


def _insert_generation_id(row: tuple[Any, ...], generation: Generation) -> list[Any]:
    # Generations of earlier program versions contain the text `this_generation`, because a build
    # had no id yet.
    return [generation.generation_id if cell == "this_generation" else cell for cell in row]
