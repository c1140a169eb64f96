-- Statistics over time of the invented generation, with the columns that are shown.
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
    linkage_code,
    'nation' as area_level_code,
    '2025-26' as collection_year,
    'every_child' as population_code,
    lag_code,
    case linkage_code when 'strict' then 52 else 56 end as lag_count,
    cast(-2 as double) as lag_p10,
    cast(0 as double) as lag_p25,
    cast(1 as double) as lag_median,
    cast(6 as double) as lag_p75,
    cast(40 as double) as lag_p90
from (values ('start_difference'), ('end_difference'), ('police_reporting')) as rows (lag_code)
inner join (values ('strict'), ('central'), ('loose')) as thresholds (linkage_code)
    on linkage_code = 'central' or lag_code != 'police_reporting';

create table agreement.agg_duration_agreement_by_area_year as
select
    linkage_code,
    'nation' as area_level_code,
    '2025-26' as collection_year,
    'every_child' as population_code,
    case linkage_code when 'strict' then 52 else 56 end as difference_count,
    cast(0.4e0 as double) as difference_mean,
    cast(0.1e0 as double) as difference_median,
    cast(-9.5e0 as double) as difference_lower_limit,
    cast(10.3e0 as double) as difference_upper_limit
from (values ('strict'), ('central'), ('loose')) as thresholds (linkage_code);

create table agreement.agg_recording_breaks_by_supplier as
select
    supplier_code,
    'police_reports' as feed,
    'every' as category_code,
    break_month,
    is_step,
    is_step as is_certain_step,
    is_announced,
    regime_code,
    change_code,
    changed_from_date,
    cast(12 as double) as month_mean_before,
    cast(30 as double) as month_mean_after,
    2.5e0 as level_ratio
from (values
    ('E23000011', date '2025-09-01', true, false, null, null, null),
    ('E23000001', date '2025-11-01', false, true, 'police_missing_by_risk', null, null),
    ('E23000001', date '2026-01-01', false, true, null, 'case_system', date '2025-12-20')
) as rows (
    supplier_code, break_month, is_step, is_announced, regime_code, change_code, changed_from_date
);

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
    0.95e0 as within_72_hours_share_upper,
    date '2026-03-31' as police_delivered_to_date,
    date '2026-03-31' as authority_delivered_to_date,
    true as is_year_delivered,
    0.7e0 as within_72_hours_share_lowest, 0.95e0 as within_72_hours_share_highest,
    0.6e0 as within_72_hours_police_share_lowest,
    0.8e0 as within_72_hours_police_share_highest,
    0.1e0 as within_72_hours_authority_share_lowest,
    1.0e0 as within_72_hours_authority_share_highest;

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
    0.3e0 as third_children_share_upper,
    date '2026-03-31' as police_delivered_to_date,
    date '2026-03-31' as authority_delivered_to_date,
    true as is_year_delivered;

create table agreement.agg_open_episodes_by_area as
select
    'nation' as area_level_code,
    true as is_latest,
    'every_child' as population_code,
    'under_7_days' as open_band_code,
    2 as children_count,
    1 as children_count_lowest,
    3 as children_count_highest,
    2 as episode_count,
    1 as both_sources_episode_count,
    6 as most_days_open;
