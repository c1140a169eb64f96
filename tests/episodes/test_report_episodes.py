"""Reports become absences of a source, and those become episodes, each founded by one report."""

from __future__ import annotations

from datetime import date, datetime

import pyarrow as pa

from register.episodes import GROUP_SCHEMA, episodes_of_reports, name_source_absences


def _group_table(*rows: tuple[str, str, str]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) if rows else [[], [], []]
    arrays = [pa.array(list(values), pa.string()) for values in columns]
    return pa.table(arrays, schema=GROUP_SCHEMA)


def _absences(*keys: str) -> pa.Table:
    return pa.table(
        {
            "report_key": list(keys),
            "child_id_register": ["C1"] * len(keys),
            "source_absence_key": list(keys),
        }
    )


def _report_times(**moments: tuple[int, int]) -> pa.Table:
    """When each report was received (day of June) and the month its period begins in."""
    received = [datetime(2026, 6, day, 9) for day, _ in moments.values()]  # noqa: DTZ001
    return pa.table(
        {
            "report_key": list(moments),
            "first_received_at": received,
            "first_period_start": [date(2026, month, 1) for _, month in moments.values()],
        }
    )


def test_the_report_known_first_founds_the_episode() -> None:
    """Prevents a key of an episode that changes when a later report matches it."""
    episodes = episodes_of_reports(
        _absences("p1", "a1", "a2"),
        _group_table(("p1", "p1", "matched"), ("a1", "p1", "matched")),
        # Neither the key nor the period founds it: the report that was received first does.
        _report_times(p1=(1, 5), a1=(10, 4), a2=(1, 4)),
    )
    rows = {row["report_key"]: row for row in episodes.to_pylist()}
    assert {key: row["episode_id_register"] for key, row in rows.items()} == {
        "p1": "EP1",
        "a1": "EP1",
        "a2": "EA2",
    }
    assert rows["a1"]["founding_report_key"] == "p1"
    assert [rows[key]["match_role_code"] for key in ("p1", "a1", "a2")] == [
        "matched",
        "matched",
        "alone",
    ]


def test_of_reports_received_together_the_earlier_period_founds_the_episode() -> None:
    """Prevents a key that goes by the name of a report where its period tells which was first."""
    groups = _group_table(("b", "a", "matched"), ("a", "a", "matched"))
    episodes = episodes_of_reports(_absences("a", "b"), groups, _report_times(a=(1, 5), b=(1, 4)))
    assert set(episodes["founding_report_key"].to_pylist()) == {"b"}


def test_reports_received_at_one_moment_are_told_apart_by_their_key() -> None:
    """Prevents an episode whose key depends on the order of rows."""
    groups = _group_table(("b", "a", "matched"), ("a", "a", "matched"))
    for keys in (("a", "b"), ("b", "a")):
        episodes = episodes_of_reports(_absences(*keys), groups, _report_times(a=(1, 5), b=(1, 5)))
        assert set(episodes["founding_report_key"].to_pylist()) == {"a"}


def test_an_absence_is_that_of_the_feed_unless_extract_and_return_match() -> None:
    """Prevents a return and an extract of one absence from counting twice."""
    reports = pa.table(
        {
            "report_key": ["e1", "r1", "p1", "x1"],
            "child_id_register": ["C1"] * 4,
            "source": ["authority", "authority", "police", "police"],
            "feed": ["authority_extract", "authority_return", "police_reports", "police_reports"],
            "feed_absence_key": ["e1", "r1", "p1", None],
        }
    )
    groups = _group_table(("e1", "e1", "matched"), ("r1", "e1", "matched"))
    episodes = name_source_absences(reports, groups)
    rows = zip(
        episodes["report_key"].to_pylist(), episodes["source_absence_key"].to_pylist(), strict=True
    )
    assert dict(rows) == {"e1": "e1", "r1": "e1", "p1": "p1"}
