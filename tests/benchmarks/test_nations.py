"""What is compared of two nations is what each of them published, under its own name."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
import typer

from benchmarks.nations import as_table, find_worst, name_unseen_seeds, read_nation
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
select case when number < 3 then 'authority' else 'nation' end as area_level_code,
    'register' as rule_code, 'central' as linkage_code,
    'looked_after' as population_code, 'both' as status, number < 2 as is_counted_within,
    number in (0, 4) as is_corrected_within, 0.3e0 + number / 10e0 as true_share,
    0.4e0 as counted_share, 0.35e0 as corrected_share_lower,
    case when number < 3 then 0.6e0 else 0.45e0 end as corrected_share_upper,
    case number when 0 then 100 when 1 then 59 else 151 end as true_total_count
from range(5) as numbers (number)
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
    assert found.authority_years == 3
    within = (found.truth_within_counted, found.truth_within_corrected)
    assert within == pytest.approx((2 / 3, 1 / 3))
    assert (found.nation_years, found.truth_within_headline) == (2, 0.5)
    assert (found.headline_width, found.authority_width) == pytest.approx((0.1, 0.25))
    assert found.furthest_counted == pytest.approx(0.3)
    assert (found.not_told_count, found.not_told_right_share) == (12, 0)
    assert found.seldom_right == "D4 (0 of 12)"
    lines = as_table([found]).splitlines()
    assert lines[0] == "| | harder, seed 2 |"
    assert "| reason right | 78.0% |" in lines


def test_the_worst_of_several_nations_is_published() -> None:
    """Prevents two chosen nations, or a mean, from standing for what may happen."""
    assert find_worst("right_share", [0.8, None, 0.6]) == 0.6
    assert find_worst("headline_width", [0.1, 0.2]) == 0.2
    assert find_worst("disagreements", [10, 20]) is None
    assert find_worst("always_home_share", [0.4, 0.5]) is None
    assert find_worst("seldom_right", ["D4 (1 of 12)", None]) is None


def test_unseen_seeds_follow_from_the_release() -> None:
    """Prevents seeds that somebody chose, or that the last release has seen."""
    seeds = name_unseen_seeds("1.0", 10)
    assert len(set(seeds)) == 10
    assert seeds[:3] == name_unseen_seeds("1.0", 3)
    assert not set(seeds) & set(name_unseen_seeds("1.1", 10))


def test_a_home_that_published_nothing_is_no_nation(tmp_path: Path) -> None:
    """Prevents a table with an empty column after a load that failed."""
    with pytest.raises(typer.BadParameter, match="no generation"):
        read_nation(load_settings({"REGISTER_HOME": str(tmp_path)}))
