-- Marts of linkage and reconciliation of the invented generation, with the columns that are shown.
create table quality.agg_linkage_quality as
select
    'clerical_sample' as basis,
    linkage,
    'pair' as unit,
    grouping,
    group_value,
    950 as true_count,
    10 as false_count,
    50 as missed_count,
    precision,
    precision - 0.01e0 as precision_lower,
    precision + 0.005e0 as precision_upper,
    0.95e0 as recall,
    0.93e0 as recall_lower,
    0.96e0 as recall_upper
from (values
    ('central', 'all', 'all', 0.99e0),
    ('strict', 'all', 'all', 0.994e0),
    ('central', 'sex', 'female', 0.992e0),
    ('central', 'sex', 'male', 0.988e0)
) as rows (linkage, grouping, group_value, precision);

create table quality.agg_linkage_accuracy_by_group as
select * exclude (basis) from quality.agg_linkage_quality;

create table quality.agg_linkage_held_out_by_group as
select
    '2026-11-26-0a1b2c3d' as model_version,
    rows.*,
    0.99e0 as precision,
    0.985e0 as precision_lower,
    0.995e0 as precision_upper,
    recall - 0.01e0 as recall_lower,
    recall + 0.01e0 as recall_upper,
    case scope_code when 'all' then 0.25e0 end as review_share,
    case scope_code when 'all' then 0.0625e0 end as unlisted_share,
    case scope_code when 'all' then 12.5e0 end as false_merges_per_10000
from (values
    ('validation', 11, 'central', 'all', 'all', 'All children', 1000, 0.85e0, true),
    ('training', 71, 'central', 'all', 'all', 'All children', 900, 0.96e0, false),
    ('validation', 11, 'central', 'all', 'origin', 'English', 600, 0.88e0, true),
    ('training', 71, 'central', 'all', 'origin', 'White British', 600, 0.97e0, true),
    ('validation', 11, 'strict', 'between', 'linkage_group', 'English', 600, 0.86e0, true),
    ('validation', 11, 'central', 'between', 'linkage_group', 'English', 600, 0.87e0, true)
) as rows (
    nation_code, nation_seed, linkage_code, scope_code, grouping_code, group_name, child_count,
    recall, is_headline
);

create table quality.agg_reason_confusion as
select * from (values
    ('D1', 'D1', 19, 0.95e0, true), ('D1', 'D0', 1, 0.05e0, false), ('D4', 'D4', 4, 1.0e0, true)
) as rows (true_reason_code, assigned_reason_code, row_count, true_reason_share, is_right);

create table quality.agg_reason_accuracy as
select
    rows.*,
    'standard' as simulation_profile,
    1 as simulation_seed
from (values
    ('all', 25, 24, 23, 1, 0.958e0, 0.8e0, 0.99e0, 0.917e0, 0.792e0, 0.875e0),
    ('both', 1, 0, 0, 0, null, null, null, null, null, null)
) as rows (
    status, disagreement_count, known_count, right_count, unexplained_count, right_share,
    right_share_lower, right_share_upper, primary_right_share, always_home_right_share,
    five_lines_right_share
);

create table quality.agg_identity_churn_by_generation as
select * from (values
    ('20261123T080000-000001', false, 76, 0, 0, 40, 0, 0, 0, cast(null as double)),
    ('20261124T080000-000001', true, 80, 76, 0, 0, 1, 0, 0, 0.0e0)
) as rows (
    generation_id, is_this_generation, mention_count, known_mention_count,
    changed_mention_count, created_count, merged_count, split_count, moved_count, churn_share
);

create table quality.agg_linkage_weight_drift_by_level as
select * from (values
    ('surname', 'same', 1, false, 380.0e0, 0.95e0, 0.94e0, 8.0e0, 8.1e0, 0.1e0, 0.095e0),
    ('surname', 'differs', 2, false, 20.0e0, 0.05e0, 0.06e0, -3.0e0, -3.3e0, -0.3e0, 0.015e0),
    ('sex', 'same', 1, false, 396.0e0, 0.99e0, 0.995e0, 1.0e0, 1.0e0, 0.0e0, 0.0e0),
    ('sex', 'differs', 2, false, 4.0e0, 0.01e0, 0.005e0, -8.0e0, -6.5e0, 1.5e0, 0.015e0),
    ('identifier', 'shared_nhs_number', 1, true, 30.0e0, 1.0e0, 0.02e0, 14.0e0, 18.0e0, 4.0e0, 4.0e0)
) as rows (
    comparison_code, level_code, level_place, is_fixed, match_count, match_share, m_model,
    weight_model, weight_home, drift, drift_by_use
);

create table register.fct_identity_events as
select * from (values ('created', 'K1'), ('created', 'K2'), ('merged', 'K1'))
as rows (event_code, identity_event_id);

create table agreement.agg_reconciliation_by_area_year as
select
    'authority' as area_level_code,
    case when number % 2 = 0 then '213' else '373' end as area_code,
    '2025-26' as collection_year,
    'missing_incidents' as measure_code,
    'missing' as category_code,
    'count' as statistic_code,
    cast(100 + number as double) as published_figure,
    cast(null as varchar) as published_symbol_code,
    cast(case when number % 2 = 0 then 100 else 103 end + number as double) as register_figure,
    cast(case when number % 2 = 0 then 0 else 3 end as double) as difference,
    cast(case when number % 2 = 0 then 0 else 0.03 end as double) as relative_difference,
    number % 2 = 0 as is_equal_within_rounding,
    case when number % 2 = 1 then 'rows_that_break_rules' end as reason_code,
    1 as authority_count,
    1 as full_year_count
from range(40) as numbers (number);

create table agreement.agg_reconciliation_by_characteristic_year as
select
    collection_year,
    'missing_incidents' as measure_code,
    'missing' as category_code,
    'count' as statistic_code,
    'age_band' as characteristic_code,
    value_code,
    published_figure,
    published_symbol_code,
    register_figure,
    register_figure - published_figure as difference,
    reason_code
from (values
    ('2025-26', '10_to_15', 120e0, null, 118e0, null),
    ('2025-26', '1_to_4', null, 'c', 2e0, 'suppressed'),
    ('2025-26', 'every', 150e0, null, 120e0, 'unexplained'),
    ('2026-27', 'every', 160e0, null, null, 'nothing_delivered')
) as rows (
    collection_year, value_code, published_figure, published_symbol_code, register_figure, reason_code
);

create table agreement.agg_agreement_corrected_by_linkage as
select
    linkage_code,
    'nation' as area_level_code,
    '2025-26' as collection_year,
    'looked_after' as population_code,
    'estimate' as correction_code,
    0.7e0 as both_share,
    0.72e0 as corrected_both_share,
    0.70e0 as corrected_both_share_lower,
    0.74e0 as corrected_both_share_upper,
    0.2e0 as corrected_police_only_share,
    0.18e0 as corrected_police_only_share_lower,
    0.22e0 as corrected_police_only_share_upper,
    0.08e0 as corrected_authority_only_share,
    0.07e0 as corrected_authority_only_share_lower,
    0.09e0 as corrected_authority_only_share_upper,
    0.75e0 as corrected_both_when_expected_share,
    0.7e0 as corrected_both_when_expected_share_lower,
    0.8e0 as corrected_both_when_expected_share_upper
from (values ('strict'), ('central'), ('loose')) as rows (linkage_code);
