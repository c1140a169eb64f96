"""What breaks each expectation: SQL on the invented generation."""

from __future__ import annotations

from expectations.suites.keys import FOREIGN_KEYS, PRIMARY_KEYS


def key(letter: str, number: int) -> str:
    """A key of the invented generation."""
    return f"{letter}{number:024d}"


HALF = "where right(agreement_id, 1) in ('0', '1', '2', '4', '5', '6', '8')"
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
        f"where placement_id_register = '{key('P', 1)}'"
    ),
    **{
        f"completeness_supplied_{field}": (
            "update quality.agg_completeness_by_supplier set valid_count = 20, missing_count = 80 "
            f"where field_name = '{field}' and supplier_code = '213'"
        )
        for field in ("sex", "ethnicity", "dob", "found_at")
    },
    "completeness_episodes_duration": (
        "update register.fct_episodes set duration_days = null "
        f"where child_id_register = '{key('C', 1)}'"
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
        "update quality.agg_rows_by_delivery set landed_file_row_count = 999 "
        "where supplier_code = '373'"
    ),
    "conformance_rows_quarantined": (
        "update quality.agg_rows_by_delivery set landed_row_count = 900, "
        "quarantined_row_count = 100 where supplier_code = '373'"
    ),
    **{
        f"conformance_unmapped_{column.removesuffix('_code')}": (
            f"update register.fct_reports set {column} = 'unmapped' "
            f"where supplier_code = 'E23000011' and child_id_register = '{key('C', 1)}'"
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
        f"where episode_id_register = '{key('E', 1)}'"
    ),
    "conformance_episodes_age": (
        "update register.fct_episodes set age_at_start = 18 "
        f"where episode_id_register = '{key('E', 1)}'"
    ),
    "conformance_episodes_duration_bounds": (
        "update register.fct_episodes set duration_hours_lower = 13 "
        f"where episode_id_register = '{key('E', 1)}'"
    ),
    "agreement_both": f"update agreement.fct_agreement set status = 'police_only' {HALF}",
    "agreement_police_only": f"update agreement.fct_agreement set status = 'police_only' {HALF}",
    "agreement_authority_only": (
        f"update agreement.fct_agreement set status = 'authority_only' {HALF}"
    ),
    "agreement_category": f"update agreement.fct_agreement set is_category_equal = false {HALF}",
    "agreement_start": f"update agreement.fct_agreement set start_difference_hours = -25 {HALF}",
    "agreement_end": f"update agreement.fct_agreement set end_difference_hours = 24.5 {HALF}",
    "agreement_duration": (
        f"update agreement.fct_agreement set duration_difference_hours = -24.5 {HALF}"
    ),
    "agreement_care_status": (
        f"update agreement.fct_agreement set looked_after_agreement_code = 'differs' {HALF}"
    ),
    "agreement_counts": f"update agreement.fct_agreement set status = 'police_only' {HALF}",
    "agreement_mirrored": (
        "update agreement.fct_agreement set is_authority_expected = true, status = case "
        "when cast(right(episode_id_register, 2) as integer) < 40 then 'police_only' "
        "else 'authority_only' end"
    ),
    "agreement_unexplained": (
        "update agreement.fct_agreement set reason_code = 'D0' where status <> 'both'"
    ),
    "agreement_counts_add_up": (
        "update agreement.agg_agreement_by_authority_year set both_count = both_count + 1 "
        "where authority_code_dfe = '213' and care_status_code = 'home'"
    ),
    "agreement_episodes_once": (
        f"delete from agreement.fct_agreement where episode_id_register = '{key('E', 7)}'"
    ),
    **{
        f"keys_primary_{mart.split('.')[1]}": (
            f"insert into {mart} select * from {mart} where {key} = (select min({key}) from {mart})"
        )
        for mart, key in PRIMARY_KEYS.items()
    },
    "keys_child_current_once": (
        "update register.dim_children set is_current = false "
        f"where child_id_register = '{key('C', 1)}'"
    ),
    "disclosure_no_personal_columns": (
        "alter table register.dim_children add column surname varchar"
    ),
    "disclosure_no_nhs_numbers": (
        "update register.dim_authorities set authority_name = 'called 999 000 0000' "
        "where authority_code_dfe = '213'"
    ),
    "disclosure_no_postcodes": (
        "update register.fct_reports set location_type_code = 'near zz1 1zz' "
        f"where report_id_register = '{key('R', 3)}'"
    ),
    "disclosure_no_birth_dates": (
        "update register.fct_rule_breaches set file_name = 'born 1/2/2011.csv'"
    ),
    "disclosure_pseudonyms": (
        "update register.fct_reports set child_id_register = 'NICHE/11/2345' "
        f"where report_id_register = '{key('R', 3)}'"
    ),
    # Of 40 children, one has an absence in another force, and is alone there.
    **dict.fromkeys(
        ("disclosure_alone_by_force_and_start", "disclosure_protected_by_force_and_start"),
        "update register.fct_episodes set police_force_code = 'E23000011' "
        f"where episode_id_register = '{key('E', 5)}'",
    ),
    # Three children are alike.
    "disclosure_few_by_force_and_start": (
        "update register.fct_episodes set started_at = timestamp '2026-02-01 20:00:00' "
        f"where child_id_register in ('{key('C', 5)}', '{key('C', 6)}', '{key('C', 7)}')"
    ),
    # Three children are alone, each in a month of its own.
    "disclosure_alone_by_age_and_sex": (
        "update register.fct_episodes set age_band_code = right(child_id_register, 1) "
        f"where child_id_register in ('{key('C', 5)}', '{key('C', 6)}', '{key('C', 7)}')"
    ),
    "disclosure_few_by_age_and_sex": (
        "update register.fct_episodes set age_band_code = right(child_id_register, 1)"
    ),
    "disclosure_protected_by_everything": (
        "update register.fct_episodes set sex_code = 'male' "
        f"where child_id_register = '{key('C', 5)}'"
    ),
    "agreement_category_beyond_chance": (
        f"update agreement.fct_agreement set category_authority_code = 'away' {HALF}"
    ),
    "trend_steps_announced": (
        "update agreement.agg_trends_by_supplier_month set is_break = true "
        "where start_month = date '2025-12-01'"
    ),
    "trend_months_like_their_stretch": (
        "update agreement.agg_trends_by_supplier_month set report_count = 100 "
        "where start_month > date '2025-12-01'"
    ),
    "trend_agreement_like_before": (
        "update agreement.agg_agreement_by_area_year set both_when_expected_share_lower = 0.1, "
        "both_when_expected_share_upper = 0.2 where collection_year = '2025-26'"
    ),
    "linkage_precision": (
        "update quality.agg_linkage_quality set precision_upper = 0.97 where linkage = 'central'"
    ),
    "linkage_recall": (
        "update quality.agg_linkage_quality set recall_upper = 0.89 where linkage = 'central'"
    ),
    "linkage_precision_of_groups": (
        "update quality.agg_linkage_quality set precision_upper = 0.95 where group_value = 'female'"
    ),
    "linkage_recall_of_groups": (
        "update quality.agg_linkage_quality set recall_upper = 0.8 where group_value = 'male'"
    ),
    "linkage_precision_against_truth": (
        "update quality.agg_linkage_accuracy_by_group set precision_upper = 0.97 "
        "where linkage = 'central'"
    ),
    "linkage_recall_against_truth": (
        "update quality.agg_linkage_accuracy_by_group set recall_upper = 0.89 "
        "where linkage = 'central'"
    ),
    "linkage_precision_of_groups_against_truth": (
        "update quality.agg_linkage_accuracy_by_group set precision_upper = 0.95 "
        "where group_value = 'female'"
    ),
    "linkage_recall_of_groups_against_truth": (
        "update quality.agg_linkage_accuracy_by_group set recall_upper = 0.8 "
        "where group_value = 'male'"
    ),
    "linkage_churn": (
        "update quality.agg_identity_churn_by_generation set changed_mention_count = 2 "
        "where is_this_generation"
    ),
    "linkage_weight_drift": (
        "update quality.agg_linkage_weight_drift_by_level set drift = -1.1 "
        "where comparison_code = 'surname' and level_code = 'same'"
    ),
    "linkage_reasons_right": (
        "update quality.agg_reason_confusion set is_right = false where true_reason_code = 'D4'"
    ),
    "reconciliation_counts_equal": (
        "update agreement.agg_reconciliation_by_area_year set is_equal_within_rounding = false"
    ),
    "reconciliation_counts_near": (
        "update agreement.agg_reconciliation_by_area_year set relative_difference = 0.2, "
        "difference = 12"
    ),
    "reconciliation_differences_explained": (
        "update agreement.agg_reconciliation_by_area_year set reason_code = 'unexplained' "
        "where reason_code is not null"
    ),
    "agreement_category_kappa": (
        f"update agreement.fct_agreement set category_authority_code = 'away' {HALF}"
    ),
    **{
        f"publication_{name}": f"update released_{change}"
        for name, change in {
            "figures_readable": "figures set figure = '-' where figure = '20.0'",
            "counts_rounded": "figures set figure = '101' where figure = '100'",
            "local_counts_shown": "figures set figure = 'c' "
            "where geographic_level = 'Local authority' and filter_values like '%only'",
            "area_counts_shown": "figures set figure = 'c' "
            "where geographic_level = 'National' and filter_values like '%Police only'",
            "sources_add_up": "figures set figure = '130' "
            "where area_code = '213' and figure = '100'",
            "shares_recomputed": "figures set figure = '50.1' where figure = '50.0'",
            "files_agree": "figures set figure = '105' "
            "where file = 'missing_children_by_area' and area_code = '213'",
            "screener_passed": "screener_rules set failure_count = 1 where rule_number = 12",
            "screener_without_warning": "screener_rules set warning_count = 1 "
            "where rule_number in (3, 13)",
        }.items()
    },
}
# Every foreign key is broken on its own.
FOREIGN_BREAKS = [
    (
        f"keys_foreign_{mart.split('.')[1]}",
        f"update {mart} set {column} = "
        + ("date '1900-01-01'" if column == "start_date" else "'nowhere'")
        + f" where {PRIMARY_KEYS[mart]} = (select min({PRIMARY_KEYS[mart]}) from {mart})",
    )
    for mart, keys in FOREIGN_KEYS.items()
    for column in keys
]
ALL_BREAKS = [*BREAKS.items(), *FOREIGN_BREAKS]
