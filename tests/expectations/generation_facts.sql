-- The facts of the invented generation: forty children, eighty episodes, eighty reports.
create table register.dim_placements as
select printf('P%024d', number) as placement_id_register, 'U1' as placement_type_code
from range(10) as numbers (number);

create table register.dim_children as
select
    printf('V%024d', number) as child_version_id,
    printf('C%024d', number) as child_id_register,
    true as is_current,
    case when number % 2 = 0 then 'female' else 'male' end as sex_code,
    case when number % 5 = 0 then 'unknown' else 'white' end as ethnicity_group_code,
    cast(2010 + number % 6 as integer) as birth_year
from range(40) as numbers (number);

create table register.fct_episodes as
select
    printf('E%024d', number) as episode_id_register,
    printf('C%024d', number % 40) as child_id_register,
    date '2025-10-01' + cast(number % 28 as integer) as start_date,
    -- One child is alone with the minute of the start.
    timestamp '2025-10-01 20:00:00' + to_days(cast(number % 28 as integer))
    + to_minutes(cast(number = 5 as integer)) as started_at,
    -- Of the last the day of the end is known, and not the time: its midnight comes first.
    case when number = 79
        then timestamp '2025-09-30 23:00:00' else timestamp '2025-10-02 08:00:00' end
    + to_days(cast(number % 28 as integer)) as ended_at,
    case when number = 79 then 'date' else 'minute' end as end_precision,
    false as is_open,
    cast(12 as double) as duration_hours_lower,
    cast(12 as double) as duration_hours_upper,
    1 as duration_days,
    case when number % 4 = 3 then 'home' else 'looked_after' end as care_status_code,
    printf('P%024d', number % 10) as placement_id_register,
    case when number % 2 = 0 then '213' else '373' end as host_authority_code_dfe,
    case when number % 2 = 0 then '213' else '373' end as placing_authority_code_dfe,
    '2025-26' as collection_year,
    true as is_in_scope,
    14 as age_at_start,
    '10_to_15' as age_band_code,
    'female' as sex_code,
    'white' as ethnicity_group_code,
    '213' as authority_code_dfe,
    'missing' as category_code,
    'U1' as placement_type_code,
    number % 3 = 0 as is_out_of_area,
    'E23000001' as police_force_code
from range(80) as numbers (number);

-- The police report every episode but each twentieth; the authority all but each fourth.
create table register.fct_reports as
with reports as (
    select
        number,
        'police' as source,
        'police_reports' as feed,
        printf('R%024d', number) as report_id_register,
        case when number % 2 = 0 then 'E23000001' else 'E23000011' end as supplier_code,
        case when number % 6 = 1 then 'no_apparent_risk' else 'missing' end as category_code,
        'minute' as start_precision
    from range(80) as numbers (number)
    where number % 20 <> 0
    union all
    select
        number,
        'authority' as source,
        'authority_extract' as feed,
        printf('R%024d', 1000 + number) as report_id_register,
        case when number % 8 < 4 then '213' else '373' end as supplier_code,
        case when number % 6 = 1 then 'away' else 'missing' end as category_code,
        'date' as start_precision
    from range(80) as numbers (number)
    where number % 4 <> 3
)
select
    reports.report_id_register,
    reports.source,
    reports.feed,
    reports.supplier_code,
    deliveries.delivery_id,
    reports.source || '.csv' as file_name,
    2 + reports.number as row_number,
    1 as version_count,
    printf('C%024d', reports.number % 40) as child_id_register,
    printf('E%024d', reports.number) as episode_id_register,
    reports.category_code,
    timestamp '2025-10-01 20:00:00' + to_days(cast(reports.number % 28 as integer))
        as started_at,
    reports.start_precision,
    timestamp '2025-10-02 08:00:00' + to_days(cast(reports.number % 28 as integer))
        as ended_at,
    reports.start_precision as end_precision,
    timestamp '2025-10-01 22:00:00' + to_days(cast(reports.number % 28 as integer))
        as reported_at,
    'medium' as risk_initial_code,
    'childrens_home' as location_type_code,
    case reports.source when 'police' then 'yes' end as looked_after_flag_code
from reports
inner join register.dim_deliveries as deliveries
    on
        reports.supplier_code = deliveries.supplier_code
        and reports.feed = deliveries.feed;

create table register.fct_rule_breaches as
select
    'B1' as rule_breach_id,
    '567' as rule_code,
    'authority_return-213-2025-26-eeeeeeeeeeee' as delivery_id,
    '213' as supplier_code,
    'authority_return' as feed,
    'missing.csv' as file_name,
    7 as row_number;

create table register.bridge_child_sources as
select
    printf('M%024d', number) as mention_id_register,
    printf('C%024d', number % 40) as child_id_register,
    case when number < 40 then 'police' else 'authority' end as source,
    case when number < 40 then 'E23000001' else '213' end as issuer_code,
    timestamp '2025-11-03 09:00:00' as first_received_at,
    number < 40 as is_founder,
    case when number < 40 then 'founder' else 'model' end as link_method,
    case when number >= 40 then cast(12.5 as double) end as match_weight
from range(80) as numbers (number);

create table register.bridge_episode_reports as
select report_id_register, episode_id_register
from register.fct_reports;
