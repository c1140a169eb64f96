"""The nation's figures, counted once more from the delivered files by code of another making."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests import second_path
from tests.end_to_end.conftest import Nation
from tests.end_to_end.registers import rows
from tests.second_path.episodes import counts, episodes_of
from tests.second_path.reports import Delivery, Report, Taken, reports_of

GOLDEN = Path(second_path.__file__).with_name("golden.json")
Figures = dict[str, Any]


def _taken(nation: Nation) -> Taken:
    deliveries = rows(
        nation.built,
        """
        select delivery_id, feed, supplier_code, period, period_start, period_end, received_at,
            layout_name
        from register.dim_deliveries
        where outcome <> 'rejected' and not is_held
        """,
    )
    lines = rows(
        nation.built,
        "select delivery_id, file_name, row_number, child_id_register from register.fct_reports",
    )
    with duckdb.connect(str(nation.built / "case_lists.duckdb"), read_only=True) as connection:
        births = connection.execute(
            "select child_id_register, birth_date from operations.golden_record_children"
            " where birth_date is not null"
        ).fetchall()
    return Taken(
        deliveries=tuple(
            Delivery(name, feed, supplier, first, last, received, layout,
                            nation.inbox / feed / supplier / period)
            for name, feed, supplier, period, first, last, received, layout in deliveries
        ),
        child_of_line={(name, file, line): child for name, file, line, child in lines},
        birth_dates=dict(births),
    )  # fmt: skip


@pytest.fixture(scope="module")
def reports(nation: Nation) -> tuple[Taken, list[Report]]:
    """The nation's reports, read from its inbox."""
    taken = _taken(nation)
    return taken, reports_of(taken)


@pytest.fixture(scope="module")
def figures(reports: tuple[Taken, list[Report]]) -> Figures:
    """What the second path counts."""
    taken, found = reports
    return {
        "reports": dict(sorted(Counter(report.feed for report in found).items())),
        "episodes": counts(episodes_of(found, taken)),
    }


def _registered(nation: Nation) -> Figures:
    by_feed = rows(nation.built, "select feed, count(*) from register.fct_reports group by feed")
    counted = rows(
        nation.built,
        """
        select
            concat_ws(' ', collection_year, source_status),
            count(*),
            count(distinct child_id_register)
        from register.fct_episodes
        group by grouping sets ((collection_year), (collection_year, source_status))
        """,
    )
    return {
        "reports": dict(sorted(by_feed)),
        "episodes": {
            name: {"episodes": episode_count, "children": child_count}
            for name, episode_count, child_count in sorted(counted)
        },
    }


def test_the_register_counts_what_the_second_path_counts(nation: Nation, figures: Figures) -> None:
    """Prevents a rule that is wrong in the models and in every test made beside them."""
    assert _registered(nation) == figures


def test_the_pinned_nation_has_its_golden_figures(figures: Figures) -> None:
    """Prevents a change of files or rules that moves both paths at once and unseen."""
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert figures == golden, f"if that is meant, {GOLDEN.name} becomes:\n{json.dumps(figures)}"


def test_every_report_is_read_from_its_line(
    nation: Nation, reports: tuple[Taken, list[Report]]
) -> None:
    """Prevents a report without a delivered line, and a line that never became one."""
    taken, found = reports
    assert {report.line for report in found} == set(taken.child_of_line)
