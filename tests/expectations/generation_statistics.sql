-- The marts of statistics and of linkage of the invented generation, with the columns that are
-- shown; `contracts.py` holds them to the real ones.
create table agreement.agg_measures_by_area_year as
select
    'nation' as area_level_code,
    'E92000001' as area_code,
    '2025-26' as collection_year,
    population_code,
    basis_code,
    children_count,
    episode_count,
    children_count as missing_children_count,
    episode_count as missing_episode_count,
    3 as away_children_count,
    4 as away_episode_count,
    5 as over_24_hours_children_count_lower,
    9 as over_24_hours_children_count_upper,
    6 as over_24_hours_episode_count_lower,
    10 as over_24_hours_episode_count_upper
from (values
    ('every_child', 'register', 40, 80),
    ('every_child', 'police', 38, 76),
    ('every_child', 'authority', 31, 60),
    ('looked_after', 'register', 30, 60)
) as rows (population_code, basis_code, children_count, episode_count);

create table agreement.agg_agreement_by_area_year as
select
    area_level_code,
    area_code,
    collection_year,
    population_code,
    both_count + police_only_count + authority_only_count as total_count,
    both_count,
    police_only_count,
    authority_only_count,
    both_count + authority_only_count as both_expected_count,
    both_count as both_when_expected_count,
    both_share as both_when_expected_share,
    both_share - 0.06e0 as both_when_expected_share_lower,
    least(both_share + 0.04e0, 1.0e0) as both_when_expected_share_upper,
    (both_share + 0.93e0) / 2 as both_when_expected_share_shrunk,
    0.98e0 as category_equal_share,
    0.91e0 as category_equal_share_lower,
    0.99e0 as category_equal_share_upper,
    0.87e0 as positive_agreement,
    0.62e0 as category_kappa,
    0.95e0 as category_ac1
from (values
    ('nation', 'E92000001', 'every_child', 56, 20, 4, 0.933e0),
    ('nation', 'E92000001', 'looked_after', 56, 0, 4, 0.933e0),
    ('region', 'E12000007', 'every_child', 30, 10, 0, 1.0e0),
    ('authority', '213', 'every_child', 30, 10, 0, 1.0e0),
    ('authority', '373', 'every_child', 26, 10, 4, 0.867e0),
    ('authority', '384', 'every_child', 26, 10, 4, 0.867e0),
    ('authority', '815', 'every_child', 26, 10, 4, 0.867e0),
    ('authority', '816', 'every_child', 26, 10, 4, 0.867e0),
    ('police_force', 'E23000001', 'every_child', 56, 20, 4, 0.933e0)
) as rows (
    area_level_code, area_code, population_code, both_count, police_only_count,
    authority_only_count, both_share
)
cross join (values ('2024-25'), ('2025-26')) as years (collection_year);

create table agreement.agg_agreement_by_authority_force_month as
select
    authority_code_dfe,
    month as start_month,
    40 as both_expected_count,
    36 as both_when_expected_count
from (values ('213'), ('373')) as rows (authority_code_dfe)
cross join (
    select cast(month as date) as month
    from range(date '2025-04-01', date '2026-04-01', interval 1 month) as months (month)
);

create table agreement.agg_lags_by_area_year as
select
    'nation' as area_level_code,
    '2025-26' as collection_year,
    'every_child' as population_code,
    lag_code,
    56 as lag_count,
    cast(-2 as double) as lag_p10,
    cast(0 as double) as lag_p25,
    cast(1 as double) as lag_median,
    cast(6 as double) as lag_p75,
    cast(40 as double) as lag_p90
from (values ('start_difference'), ('end_difference'), ('police_reporting')) as rows (lag_code);

create table agreement.agg_duration_agreement_by_area_year as
select
    'nation' as area_level_code,
    '2025-26' as collection_year,
    'every_child' as population_code,
    56 as difference_count,
    cast(0.4e0 as double) as difference_mean,
    cast(0.1e0 as double) as difference_median,
    cast(-9.5e0 as double) as difference_lower_limit,
    cast(10.3e0 as double) as difference_upper_limit;

create table agreement.agg_capture_recapture_by_area_year as
select
    'nation' as area_level_code,
    '2025-26' as collection_year,
    'looked_after' as population_code,
    60 as seen_count,
    odds_ratio,
    dependence_statement,
    60.0e0 + odds_ratio as absence_estimate,
    60.0e0 as absence_estimate_lower,
    64.0e0 as absence_estimate_upper,
    0.9e0 as police_known_share,
    0.95e0 as authority_known_share
from (values
    (1.0e0, 'The two sources are independent'), (4.0e0, 'A report to one leads to the other')
) as rows (odds_ratio, dependence_statement);

create table agreement.agg_recording_breaks_by_supplier as
select
    supplier_code,
    'police_reports' as feed,
    'every' as category_code,
    break_month,
    is_step,
    is_announced,
    cast(12 as double) as month_mean_before,
    cast(30 as double) as month_mean_after,
    2.5e0 as level_ratio
from (values
    ('E23000011', date '2025-09-01', true, false), ('E23000001', date '2025-11-01', false, true)
) as rows (supplier_code, break_month, is_step, is_announced);

create table agreement.agg_trends_by_supplier_month as
select
    supplier_code,
    'police_reports' as feed,
    'every' as category_code,
    cast(month as date) as start_month,
    true as is_delivered,
    case when month < date '2025-09-01' then 12 else 30 end as report_count,
    supplier_code = 'E23000011' and month = date '2025-09-01' as is_break,
    supplier_code = 'E23000011' and month = date '2025-09-01' as is_announced_break,
    cast(case when month < date '2025-09-01' then 12 else 30 end as double)
        as segment_month_mean
from (values ('E23000001'), ('E23000011')) as rows (supplier_code)
cross join range(date '2025-04-01', date '2026-04-01', interval 1 month) as months (month);

create table agreement.agg_return_interviews_by_area_year as
select
    'nation' as area_level_code,
    '2025-26' as collection_year,
    'looked_after' as population_code,
    60 as closed_count,
    5 as held_unknown_count,
    0.8e0 as offered_share, 0.7e0 as offered_share_lower, 0.9e0 as offered_share_upper,
    0.6e0 as accepted_share, 0.5e0 as accepted_share_lower, 0.7e0 as accepted_share_upper,
    0.5e0 as held_share, 0.4e0 as held_share_lower, 0.6e0 as held_share_upper,
    0.9e0 as within_72_hours_share,
    0.8e0 as within_72_hours_share_lower,
    0.95e0 as within_72_hours_share_upper;

create table agreement.agg_repeat_absences_by_area_year as
select
    'nation' as area_level_code,
    '2025-26' as collection_year,
    'every_child' as population_code,
    40 as children_count,
    7 as most_episode_count,
    0.5e0 as repeat_children_share,
    0.4e0 as repeat_children_share_lower,
    0.6e0 as repeat_children_share_upper,
    0.2e0 as third_children_share,
    0.1e0 as third_children_share_lower,
    0.3e0 as third_children_share_upper;

create table agreement.agg_open_episodes_by_area as
select
    'nation' as area_level_code,
    true as is_latest,
    'every_child' as population_code,
    'under_7_days' as open_band_code,
    2 as children_count,
    2 as episode_count,
    1 as both_sources_episode_count,
    6 as most_days_open;

create table quality.agg_linkage_quality as
select
    'simulated_truth' as basis,
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

create table quality.agg_reason_confusion as
select * from (values
    ('D1', 'D1', 19, 0.95e0, true), ('D1', 'D0', 1, 0.05e0, false), ('D4', 'D4', 4, 1.0e0, true)
) as rows (true_reason_code, assigned_reason_code, row_count, true_reason_share, is_right);

create table quality.agg_identity_churn_by_generation as
select * from (values
    ('20261123T080000-000001', false, 76, 0, 0, 40, 0, 0, 0, cast(null as double)),
    ('20261124T080000-000001', true, 80, 76, 0, 0, 1, 0, 0, 0.0e0)
) as rows (
    generation_id, is_this_generation, mention_count, known_mention_count,
    changed_mention_count, created_count, merged_count, split_count, moved_count, churn_share
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

create table agreement.agg_agreement_corrected_by_linkage as
select
    linkage_code,
    'nation' as area_level_code,
    '2025-26' as collection_year,
    'looked_after' as population_code,
    0.7e0 as both_share,
    0.72e0 as corrected_both_share,
    0.70e0 as corrected_both_share_lower,
    0.74e0 as corrected_both_share_upper,
    0.2e0 as corrected_police_only_share,
    0.18e0 as corrected_police_only_share_lower,
    0.22e0 as corrected_police_only_share_upper,
    0.08e0 as corrected_authority_only_share,
    0.07e0 as corrected_authority_only_share_lower,
    0.09e0 as corrected_authority_only_share_upper
from (values ('strict'), ('central'), ('loose')) as rows (linkage_code);
