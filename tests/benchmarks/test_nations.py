"""What is compared of two nations is what each of them published, under its own name."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
import typer

from benchmarks.nations import as_table, read_nation
from register.settings import load_settings

REASONS = """
create schema quality;
create table quality.agg_reason_confusion as
select * from (
    values
        ('D1', 'D1', 60, true), ('D1', 'D18', 5, false), ('D5', 'D5', 15, true),
        ('D0', 'D0', 3, true), ('D0', 'D4', 12, false), ('D5', 'D0', 5, false),
        ('unknown', 'D0', 7, false)
) as rows (true_reason_code, assigned_reason_code, row_count, is_right);
create table quality.agg_reason_accuracy as
select 'all' as status, 'harder' as simulation_profile, 2 as simulation_seed,
    cast(0.7 as double) as five_lines_right_share;
"""
ESTIMATES = """
create table quality.agg_estimates_against_truth_by_area_year as
select 'authority' as area_level_code, 'register' as rule_code, 'central' as linkage_code,
    'looked_after' as population_code, 'both' as status, number < 3 as is_counted_within,
    number < 1 as is_corrected_within
from range(4) as numbers (number)
"""
LINKS = """
create table quality.agg_linkage_accuracy_by_group as
select 'central' as linkage, 'pair' as unit, 'all' as grouping,
    cast(0.99 as double) as precision, cast(0.93 as double) as recall
"""


def test_a_nation_is_read_from_what_it_published(tmp_path: Path) -> None:
    """Prevents a share of rows whose truth is unknown, or figures under another nation's name."""
    folder = tmp_path / "published" / "20261126T000000-000000"
    folder.mkdir(parents=True)
    (tmp_path / "published" / "current").symlink_to(folder.name)
    with duckdb.connect(str(folder / "national_register.duckdb")) as database:
        for script in (REASONS, ESTIMATES, LINKS):
            database.execute(script)
    found = read_nation(load_settings({"REGISTER_HOME": str(tmp_path)}))
    assert (found.profile, found.seed, found.disagreements) == ("harder", 2, 100)
    assert found.right_share == pytest.approx(0.78)
    assert found.five_lines_share == pytest.approx(0.7)
    assert found.always_home_share == pytest.approx(0.65)
    assert found.right_share_but_home == pytest.approx(18 / 35)
    assert found.commonest_share_but_home == pytest.approx(20 / 35)
    assert found.random_omissions == 15
    assert found.random_omissions_named_unexplained == pytest.approx(3 / 15)
    assert found.unexplained_share == pytest.approx(0.08)
    assert (found.link_precision, found.link_recall) == pytest.approx((0.99, 0.93))
    assert found.authority_years == 4
    assert (found.truth_within_counted, found.truth_within_corrected) == (0.75, 0.25)
    lines = as_table([found]).splitlines()
    assert lines[0] == "| | harder, seed 2 |"
    assert "| reason right | 78.0% |" in lines


def test_a_home_that_published_nothing_is_no_nation(tmp_path: Path) -> None:
    """Prevents a table with an empty column after a load that failed."""
    with pytest.raises(typer.BadParameter, match="no generation"):
        read_nation(load_settings({"REGISTER_HOME": str(tmp_path)}))
