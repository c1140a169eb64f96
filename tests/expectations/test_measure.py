"""Every expectation passes on a sound generation, and fails when what it watches is broken."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow.parquet as pq
import pytest

from expectations.read import NotPublishedError
from expectations.results import FAILED, NOT_APPLICABLE, NOT_MEASURED, PASSED, read_results
from expectations.suites import all_specs
from expectations.validate import MeasureSummary, measure
from register.settings import Settings

Publish = Callable[..., Settings]
HALF = "where right(agreement_id, 1) in ('0', '1', '2', '4', '5', '6', '8')"
# What breaks each expectation: one statement of SQL on the published file.
BREAKS = {
    "coverage_periods_delivered": (
        "update quality.agg_supplier_coverage_by_period set is_delivered = false "
        "where supplier_code = '213' and feed = 'authority_extract'"
    ),
    "coverage_periods_punctual": (
        "update quality.agg_supplier_coverage_by_period set is_late = true "
        "where supplier_code = '373'"
    ),
    "coverage_feeds_delivered": (
        "update quality.agg_supplier_coverage_by_period set is_delivered = false "
        "where supplier_code = 'E23000011'"
    ),
    "coverage_deliveries_rejected": (
        "update register.dim_deliveries set outcome = 'rejected' where supplier_code = '373'"
    ),
    "coverage_deliveries_held": (
        "update register.dim_deliveries set status = 'held' where supplier_code = '373'"
    ),
    "coverage_register_children": "delete from register.dim_children",
    "coverage_register_episodes": "delete from register.fct_episodes",
    "coverage_register_reports": "delete from register.fct_reports",
    "completeness_authority_names": (
        "update register.dim_authorities set authority_name = null where authority_code_dfe = '213'"
    ),
    "completeness_authority_regions": (
        "update register.dim_authorities set region_code_ons = null "
        "where authority_code_dfe = '213'"
    ),
    "completeness_authority_forces": (
        "update register.dim_authorities set police_force_code = null "
        "where authority_code_dfe = '213'"
    ),
    "completeness_children_sex": (
        "update register.dim_children set sex_code = 'unknown' where birth_year = 2010"
    ),
    "completeness_children_ethnicity": (
        "update register.dim_children set ethnicity_group_code = 'unmapped' where sex_code = 'male'"
    ),
    "completeness_children_birth_year": (
        "update register.dim_children set birth_year = null where birth_year = 2010"
    ),
    "completeness_placements_type": (
        "update register.dim_placements set placement_type_code = null "
        "where placement_id_register = 'P1'"
    ),
    **{
        f"completeness_supplied_{field}": (
            "update quality.agg_completeness_by_supplier set valid_count = 20, missing_count = 80 "
            f"where field_name = '{field}' and supplier_code = '213'"
        )
        for field in ("sex", "ethnicity", "dob", "found_at")
    },
    "completeness_episodes_duration": (
        "update register.fct_episodes set duration_days = null where child_id_register = 'C1'"
    ),
    "completeness_episodes_care_status": (
        "update register.fct_episodes set care_status_code = 'unknown' "
        "where care_status_code = 'home'"
    ),
    "completeness_episodes_host": (
        "update register.fct_episodes set host_authority_code_dfe = 'unknown' "
        "where host_authority_code_dfe = '213'"
    ),
    "conformance_rows_conserved": (
        "update quality.agg_rows_by_delivery set landed_row_count = 999 where supplier_code = '373'"
    ),
    "conformance_rows_quarantined": (
        "update quality.agg_rows_by_delivery set landed_row_count = 900, "
        "quarantined_row_count = 100 where supplier_code = '373'"
    ),
    **{
        f"conformance_unmapped_{column.removesuffix('_code')}": (
            f"update register.fct_reports set {column} = 'unmapped' "
            "where supplier_code = 'E23000011' and child_id_register = 'C1'"
        )
        for column in (
            "category_code",
            "risk_initial_code",
            "location_type_code",
            "looked_after_flag_code",
        )
    },
    "conformance_return_rules": (
        "insert into register.fct_rule_breaches select 'X' || number, '567', "
        "'authority_return-213-2025-26-eeeeeeeeeeee', '213', 'authority_return', 'missing.csv', "
        "number + 100 from range(200) as numbers (number)"
    ),
    "conformance_episodes_order": (
        "update register.fct_episodes set ended_at = timestamp '2001-01-01 00:00:00' "
        "where episode_id_register = 'E1'"
    ),
    "conformance_episodes_age": (
        "update register.fct_episodes set age_at_start = 18 where episode_id_register = 'E1'"
    ),
    "conformance_episodes_duration_bounds": (
        "update register.fct_episodes set duration_hours_lower = 13 "
        "where episode_id_register = 'E1'"
    ),
    "agreement_both": f"update agreement.fct_agreement set status = 'police_only' {HALF}",
    "agreement_police_only": f"update agreement.fct_agreement set status = 'police_only' {HALF}",
    "agreement_authority_only": (
        f"update agreement.fct_agreement set status = 'authority_only' {HALF}"
    ),
    "agreement_category": f"update agreement.fct_agreement set is_category_equal = false {HALF}",
    "agreement_start": f"update agreement.fct_agreement set start_difference_hours = -25 {HALF}",
    "agreement_end": f"update agreement.fct_agreement set end_difference_hours = 24.5 {HALF}",
    "agreement_unexplained": (
        "update agreement.fct_agreement set reason_code = 'D0' where status <> 'both'"
    ),
    "agreement_counts_add_up": (
        "update agreement.agg_agreement_by_authority_year set both_count = both_count + 1 "
        "where authority_code_dfe = '213' and care_status_code = 'home'"
    ),
    "agreement_episodes_once": (
        "delete from agreement.fct_agreement where episode_id_register = 'E7'"
    ),
    "keys_primary_unique": "insert into register.dim_placements values ('P1', 'U1')",
    "keys_foreign_found": (
        "update register.fct_reports set child_id_register = 'nobody' "
        "where report_id_register = 'R1'"
    ),
    "keys_child_current_once": (
        "update register.dim_children set is_current = false where child_id_register = 'C1'"
    ),
    "keys_no_personal_columns": "alter table register.dim_children add column surname varchar",
}


def _whole(summary: MeasureSummary, name: str) -> str:
    (found,) = [result.status for result in summary.wholes if result.expectation == name]
    return found


def test_a_sound_generation_passes_every_expectation(published: Publish) -> None:
    """Prevents an expectation that fails whatever it is given, and so is soon ignored."""
    summary = measure(published())
    assert {item.expectation: item.status for item in summary.wholes} == {
        spec.name: PASSED for spec in all_specs()
    }


def test_every_expectation_has_something_that_breaks_it() -> None:
    """Prevents an expectation without a test of its own."""
    assert set(BREAKS) == {spec.name for spec in all_specs()}


@pytest.mark.parametrize("name", sorted(BREAKS))
def test_an_expectation_fails_when_what_it_watches_is_broken(name: str, published: Publish) -> None:
    """Prevents an expectation that never fails."""
    assert _whole(measure(published(BREAKS[name])), name) == FAILED


def test_a_missing_mart_is_a_result_and_not_an_error(published: Publish) -> None:
    """Prevents a measurement that stops because one mart is not there, and hides the others."""
    summary = measure(published("drop table quality.agg_completeness_by_supplier"))
    assert _whole(summary, "completeness_supplied_sex") == NOT_MEASURED
    assert _whole(summary, "keys_primary_unique") == PASSED
    assert summary.count(NOT_MEASURED) == 4


def test_nothing_to_judge_is_said_and_neither_passes_nor_fails(published: Publish) -> None:
    """Prevents a pass that only means that there were no rows."""
    summary = measure(published("delete from quality.agg_supplier_coverage_by_period"))
    assert _whole(summary, "coverage_periods_delivered") == NOT_APPLICABLE


def test_small_scopes_are_shown_and_not_judged(published: Publish) -> None:
    """Prevents an authority from failing on three episodes."""
    summary = measure(published("delete from agreement.fct_agreement where agreement_id > 'A2'"))
    scopes = [
        item
        for item in summary.results
        if item.expectation == "agreement_both" and item.scope != "all"
    ]
    assert {scope.status for scope in scopes} == {NOT_APPLICABLE}
    assert all(scope.observed_value is not None for scope in scopes)


def test_every_scope_has_a_result_of_its_own(published: Publish) -> None:
    """Prevents a national figure behind which the one bad authority disappears."""
    summary = measure(published(BREAKS["coverage_periods_punctual"]))
    statuses = {
        item.scope: item.status
        for item in summary.results
        if item.expectation == "coverage_periods_punctual"
    }
    assert statuses["authority_extract 373"] == FAILED
    assert statuses["authority_extract 213"] == PASSED
    assert statuses["all"] == FAILED


def test_results_are_kept_for_every_generation(published: Publish) -> None:
    """Prevents a history that ends with the last load."""
    first = measure(published())
    second = measure(
        published(BREAKS["coverage_deliveries_held"], generation_id="20261125T080000-000001")
    )
    assert first.results_path.name == "20261124T080000-000001.parquet"
    assert first.results_path.exists()
    kept = pq.read_table(second.results_path).to_pylist()
    held = [row for row in kept if row["expectation"] == "coverage_deliveries_held"]
    assert [(row["success"], row["observed_value"], row["tolerance"]) for row in held] == [
        (False, 1.0, "none")
    ]


def test_results_read_back_are_the_results_found(published: Publish) -> None:
    """Prevents a site that shows something other than what was measured."""
    settings = published()
    summary = measure(settings)
    assert tuple(read_results(settings, summary.generation)) == summary.results


def test_results_hold_no_value_of_a_row(published: Publish) -> None:
    """Prevents failing values, which may name a child, from reaching the results."""
    planted = "Zebedee-Planted"
    summary = measure(
        published(
            f"update register.dim_children set ethnicity_group_code = '{planted}'",
            f"update register.fct_reports set episode_id_register = '{planted}'",
        )
    )
    assert planted.encode() not in summary.results_path.read_bytes()
    assert not any(planted in str(result) for result in summary.results)


def test_measuring_before_anything_is_published_says_what_to_do(settings: Settings) -> None:
    """Prevents a traceback in place of an instruction."""
    with pytest.raises(NotPublishedError, match="register load"):
        measure(settings)
