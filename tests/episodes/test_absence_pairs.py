"""Which absences of two sources may be the same, on both sides of each limit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import duckdb
import pandas as pd

from tests.dbt.functions import definitions, rendered

NOON = pd.Timestamp(2026, 5, 1, 12)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
WIDEST_HOURS = 6
COST_HOURS = 48


def _absence(key: str, start: pd.Timestamp, end: pd.Timestamp | None, **changes: Any) -> Any:
    return {
        "absence_key": key, "child_id_register": "C1", "start_lower_at": start,
        "start_upper_at": start, "end_lower_at": end, "end_upper_at": end,
        "meets_until_at": end or pd.Timestamp(2027, 1, 1), "sure_until_at": end or start,
        "is_open": end is None, "slack_hours": 0.0, "is_missing": True, **changes,
    }  # fmt: skip


def _find_pairs(police: list[Any], authority: list[Any]) -> dict[str, bool]:
    """Whether each of the pairs with a police absence certainly overlaps, by authority absence."""
    with duckdb.connect() as connection:
        connection.execute(definitions())
        for name, rows in (("police", police), ("authority", authority)):
            frame = pd.DataFrame(rows).astype(
                {column: "datetime64[us]" for column in rows[0] if column.endswith("_at")}
            )
            connection.register(name, frame)
        connection.execute(
            f"create table parameters as select {COST_HOURS} as unmatched_cost_hours"
        )
        query = rendered(f"absence_pairs('police', 'authority', '{WIDEST_HOURS}')")
        certain_pairs = connection.execute(
            f"select right_key, is_certain from ({query})"
        ).fetchall()
    return dict(certain_pairs)


def test_absences_that_touch_may_be_the_same_and_do_not_certainly_overlap() -> None:
    """Prevents the end of one absence and the start of the next from being one certainly."""
    authority = [
        _absence("touches", NOON, NOON + HOUR),
        _absence("overlaps", NOON - MINUTE, NOON + HOUR),
        _absence("near", NOON + WIDEST_HOURS * HOUR, NOON + 9 * HOUR),
        _absence("far", NOON + WIDEST_HOURS * HOUR + MINUTE, NOON + 9 * HOUR),
    ]
    certain_pairs = _find_pairs([_absence("police", NOON - 2 * HOUR, NOON)], authority)
    assert certain_pairs == {"touches": False, "overlaps": True, "near": False}


def test_an_open_record_matches_only_starts_within_the_cost_of_leaving_both() -> None:
    """Prevents a report that nobody closed from absorbing every later absence."""
    limit = NOON + (COST_HOURS + WIDEST_HOURS) * HOUR
    authority = [
        _absence("within", limit, limit + HOUR),
        _absence("beyond", limit + MINUTE, limit + HOUR),
    ]
    assert set(_find_pairs([_absence("open", NOON, None)], authority)) == {"within"}


def test_an_entry_is_made_after_the_event_and_never_before() -> None:
    """Prevents one supplier's late entries from matching absences that came after them."""
    late = {"slack_hours": 48.0}
    entries = [
        _absence("after", NOON + 49 * HOUR, NOON + 50 * HOUR, **late),
        _absence("too_late", NOON + 49 * HOUR + MINUTE, NOON + 50 * HOUR, **late),
        _absence("before", NOON - 10 * HOUR, NOON - 9 * HOUR, **late),
    ]
    event = [_absence("event", NOON, NOON + HOUR)]
    assert set(_find_pairs(event, entries)) == {"after"}
    # Whichever source the late one is.
    assert [len(_find_pairs([entry], event)) for entry in entries] == [1, 0, 0]
