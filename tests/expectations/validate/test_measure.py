"""Every expectation passes on a sound generation, and fails when what it watches is broken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from expectations import (
    MeasureSummary,
    NotPublishedError,
    all_specs,
    generation_to_measure,
    measure,
    read_results,
)
from expectations.published_marts import Published
from expectations.results import FAILED, NOT_APPLICABLE, NOT_MEASURED, PASSED, Result
from expectations.suites import read_tolerances
from expectations.validate import measure_expectation
from register.home import prepare_home
from register.settings import Settings, load_settings
from tests.expectations.breaks import ALL_BREAKS, key
from tests.expectations.conftest import GENERATION_ID, PLANTED, put_generation

if TYPE_CHECKING:
    from expectations.validate.judge import Judge

Publish = Callable[..., Settings]


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory, sound_file: Path) -> MeasureSummary:
    """What is measured where a mart is missing, one is empty, one is short, and two are planted."""
    return _measured(
        tmp_path_factory.mktemp("damaged"),
        sound_file,
        "drop table quality.agg_completeness_by_supplier",
        "delete from quality.agg_supplier_coverage_by_period",
        f"delete from agreement.fct_agreement where agreement_id > '{key('E', 12)}'",
        f"update register.dim_children set ethnicity_group_code = '{PLANTED}'",
        f"update register.fct_reports set episode_id_register = '{PLANTED}'",
    )


def _measured(folder: Path, sound_file: Path, *changes: str) -> MeasureSummary:
    settings = load_settings(
        {"REGISTER_ENVIRONMENT": "test", "REGISTER_HOME": str(folder / "home")}
    )
    prepare_home(settings)
    put_generation(settings, sound_file, GENERATION_ID, *changes)
    return measure(settings)


def _results(name: str, change: str, published: Publish, judge: Judge) -> list[Result]:
    """What one expectation says of the invented generation, changed by SQL."""
    (spec,) = [spec for spec in all_specs() if spec.name == name]
    generation = generation_to_measure(published(change))
    with Published(generation.folder) as opened:
        opened.count_children_alone()
        return measure_expectation(
            opened, judge, spec, read_tolerances()[name], generation.generation_id
        )


def _find_status(summary: MeasureSummary, name: str) -> str:
    (outcome,) = [result.status for result in summary.overall_results if result.expectation == name]
    return outcome


def test_a_sound_generation_passes_every_expectation(sound: MeasureSummary) -> None:
    """Prevents an expectation that fails whatever it is given, and so is soon ignored."""
    assert {item.expectation: item.status for item in sound.overall_results} == {
        spec.name: PASSED for spec in all_specs()
    }


def test_every_expectation_has_something_that_breaks_it() -> None:
    """Prevents an expectation without a test of its own."""
    assert {name for name, _ in ALL_BREAKS} == {spec.name for spec in all_specs()}


@pytest.mark.parametrize(("name", "change"), ALL_BREAKS)
def test_an_expectation_fails_when_what_it_watches_is_broken(
    name: str, change: str, published: Publish, judge: Judge
) -> None:
    """Prevents an expectation that never fails."""
    results = _results(name, change, published, judge)
    assert results[0].status == FAILED
    assert results[0].success is False


def test_a_missing_mart_is_a_result_and_not_an_error(damaged: MeasureSummary) -> None:
    """Prevents a measurement that stops because one mart is not there, and hides the others."""
    assert _find_status(damaged, "completeness_supplied_sex") == NOT_MEASURED
    assert _find_status(damaged, "keys_primary_fct_reports") == PASSED
    assert damaged.count_expectations(NOT_MEASURED) == 4


@pytest.mark.parametrize(
    ("name", "change"),
    [
        (
            "completeness_supplied_sex",
            "alter table quality.agg_completeness_by_supplier alter valid_count type varchar "
            f"using '{PLANTED}'",
        ),
        (
            "agreement_category",
            f"create or replace table agreement.fct_agreement as select * replace ('{PLANTED}' "
            "as is_category_equal) from agreement.fct_agreement",
        ),
    ],
)
def test_a_column_of_another_type_is_a_result_without_its_values(
    name: str, change: str, published: Publish, judge: Judge
) -> None:
    """Prevents an engine's error, which quotes the value, from reaching the results."""
    results = _results(name, change, published, judge)
    assert {result.status for result in results} == {NOT_MEASURED}
    assert "Zebedee" not in str(results)


def test_nothing_to_judge_is_said_and_neither_passes_nor_fails(damaged: MeasureSummary) -> None:
    """Prevents a pass that only means that there were no rows."""
    assert _find_status(damaged, "coverage_periods_delivered") == NOT_APPLICABLE


def test_small_scopes_are_shown_and_not_judged(damaged: MeasureSummary) -> None:
    """Prevents an authority from failing on three episodes."""
    scopes = [
        item
        for item in damaged.results
        if item.expectation == "agreement_both" and item.scope != "all"
    ]
    assert {scope.status for scope in scopes} == {NOT_APPLICABLE}
    assert all(scope.observed_value is not None for scope in scopes)


def test_every_scope_has_a_result_of_its_own(later: MeasureSummary) -> None:
    """Prevents a national figure behind which the one bad authority disappears."""
    statuses = {
        item.scope: item.status
        for item in later.results
        if item.expectation == "coverage_periods_punctual"
    }
    assert statuses["authority_extract 373"] == FAILED
    assert statuses["authority_extract 213"] == PASSED
    assert statuses["all"] == FAILED


def test_results_are_kept_for_every_generation(
    sound: MeasureSummary, later: MeasureSummary
) -> None:
    """Prevents a history that ends with the last load."""
    assert sound.results_path.name == "20261124T080000-000001.parquet"
    assert sound.results_path.exists()
    stored = pq.read_table(later.results_path).to_pylist()
    held_rows = [row for row in stored if row["expectation"] == "coverage_deliveries_held"]
    assert [(row["success"], row["observed_value"], row["tolerance"]) for row in held_rows] == [
        (False, 1.0, "none allowed")
    ]


def test_results_read_back_are_the_results_found(
    scratch_settings: Settings, sound: MeasureSummary
) -> None:
    """Prevents a site that shows something other than what was measured."""
    assert tuple(read_results(scratch_settings, sound.generation)) == sound.results


def test_results_hold_no_value_of_a_row(damaged: MeasureSummary) -> None:
    """Prevents failing values, which may name a child, from reaching the results."""
    assert PLANTED.encode() not in damaged.results_path.read_bytes()
    assert not any(PLANTED in str(result) for result in damaged.results)


def test_measuring_before_anything_is_published_says_what_to_do(settings: Settings) -> None:
    """Prevents a traceback in place of an instruction."""
    with pytest.raises(NotPublishedError, match="register load"):
        measure(settings)
