-- What the pages of areas show: months, characteristics, facts, reasons and cases of a few areas.
create schema if not exists bi;

alter table agreement.agg_repeat_absences_by_area_year
add column area_code varchar default 'E92000001';
alter table agreement.agg_return_interviews_by_area_year
add column area_code varchar default 'E92000001';

insert into agreement.agg_measures_by_area_year by name
select
    measured.* replace (
        areas.area_level_code as area_level_code,
        areas.area_code as area_code,
        areas.children_count as children_count,
        areas.children_count as missing_children_count
    )
from agreement.agg_measures_by_area_year as measured
cross join (values
    ('authority', '213', 9),
    ('authority', '373', 21),
    ('police_force', 'E23000001', 12)
) as areas (area_level_code, area_code, children_count)
where measured.population_code = 'every_child';

create table agreement.agg_measures_by_area_month as
select
    area_level_code,
    area_code,
    start_month,
    'every_child' as population_code,
    'register' as basis_code,
    children_count,
    children_count as missing_children_count,
    children_count + 2 as episode_count
from (values
    ('nation', 'E92000001', date '2025-10-01', 12),
    ('nation', 'E92000001', date '2025-11-01', 9),
    ('nation', 'E92000001', date '2025-12-01', 14),
    ('authority', '373', date '2025-10-01', 5),
    ('authority', '373', date '2025-11-01', 7)
) as rows (area_level_code, area_code, start_month, children_count);

create table bi.children_by_characteristic as
select
    'authority' as area_level_code,
    '373' as area_code,
    '2025-26' as collection_year,
    'every_child' as population_code,
    'sex' as characteristic_code,
    'Sex' as characteristic_name,
    'female' as value_code,
    'Female' as value_name,
    1 as sort_order,
    11 as children_count,
    18 as episode_count,
    0.6e0 as episode_share,
    0.7e0 as matched_share_in_scope,
    0.5e0 as matched_share_in_scope_lower,
    0.9e0 as matched_share_in_scope_upper;

create table agreement.agg_police_facts_by_area_year as
select
    'authority' as area_level_code,
    '373' as area_code,
    '2025-26' as collection_year,
    'every_child' as population_code,
    'harm_flag' as fact_code,
    'yes' as value_code,
    2 as children_count,
    3 as episode_count,
    0.1e0 as stated_share,
    0.02e0 as stated_share_lower,
    0.3e0 as stated_share_upper;

create table bi.reasons_by_area_year as
select
    'authority' as area_level_code,
    '373' as area_code,
    '2025-26' as collection_year,
    'every_child' as population_code,
    'D0' as reason_code,
    'Unexplained' as reason_name,
    'police_only' as source_status,
    'Police only' as source_status_name,
    4 as in_scope_count;

create table bi.tasks_by_area as
select
    'interview_overdue' as task_code,
    'Return interview overdue' as task_name,
    'authority' as area_level_code,
    area_code,
    children_count,
    children_count + 1 as episode_count,
    120 as oldest_age_days,
    children_count as over_28_days_count
from (values ('373', 8), ('213', 3)) as rows (area_code, children_count);

-- What pages about tasks and silent suppliers count.
create table quality.agg_tasks_by_body as
select
    task_code,
    task_name,
    'authority' as body_type_code,
    area_code as body_code,
    children_count,
    date '2026-03-31' as as_of_date
from bi.tasks_by_area;

create table quality.agg_silent_suppliers_by_feed as
select
    area_code as supplier_code,
    'authority_extract' as feed,
    'rejected' as last_coverage_code,
    cast(null as date) as last_delivered_day,
    date '2026-01-30' as since_date,
    2 as period_count
from bi.tasks_by_area;

-- England has fewer children missing than the year before; Steelford has no clear change.
create table bi.rates_by_area_year as
select
    area_level_code,
    area_code,
    '2025-26' as collection_year,
    population_code,
    measure_code,
    measure_count,
    denominator_count,
    rate,
    rate * 0.8e0 as rate_lower,
    rate * 1.2e0 as rate_upper,
    earlier_measure_count,
    change_code,
    neighbour_median_rate,
    region_median_rate,
    2.5e0 as nation_rate
from (values
    ('nation', 'E92000001', 'every_child', 'children_missing', 40, 16000, 2.5e0, 70, 'lower', null, null),
    ('nation', 'E92000001', 'every_child', 'episodes_missing_or_away', 80, 16000, 5.0e0, 90, 'no_clear_change', null, null),
    ('authority', '373', 'every_child', 'children_missing', 21, 6000, 3.5e0, 20, 'no_clear_change', 1.25e0, 3.0e0),
    ('authority', '373', 'every_child', 'episodes_missing_or_away', 80, 6000, 13.3e0, 30, 'higher', 4.0e0, 5.0e0),
    ('authority', '373', 'looked_after', 'children_missing', 9, 90, 10.0e0, 8, 'no_clear_change', 7.0e0, null),
    ('authority', '213', 'every_child', 'children_missing', 9, 4000, 2.25e0, null, null, null, null),
    ('police_force', 'E23000001', 'every_child', 'children_missing', 12, null, null, 30, null, null, null)
) as rows (
    area_level_code, area_code, population_code, measure_code, measure_count, denominator_count,
    rate, earlier_measure_count, change_code, neighbour_median_rate, region_median_rate
);
