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
    timestamp '2025-10-01 20:00:00' + to_days(cast(number % 28 as integer)) as started_at,
    timestamp '2025-10-02 08:00:00' + to_days(cast(number % 28 as integer)) as ended_at,
    false as is_open,
    cast(12 as double) as duration_hours_lower,
    cast(12 as double) as duration_hours_upper,
    1 as duration_days,
    case when number % 4 = 3 then 'home' else 'looked_after' end as care_status_code,
    printf('P%024d', number % 10) as placement_id_register,
    case when number % 2 = 0 then '213' else '373' end as host_authority_code_dfe,
    case when number % 2 = 0 then '213' else '373' end as placing_authority_code_dfe,
    '2025-26' as collection_year,
    14 as age_at_start
from range(80) as numbers (number);

create table register.fct_reports as
select
    printf('R%024d', number) as report_id_register,
    'police' as source,
    'police_reports' as feed,
    case when number % 2 = 0 then 'E23000001' else 'E23000011' end as supplier_code,
    case
        when number % 2 = 0 then 'police_reports-E23000001-2025-10-aaaaaaaaaaaa'
        else 'police_reports-E23000011-2025-10-bbbbbbbbbbbb'
    end as delivery_id,
    printf('C%024d', number % 40) as child_id_register,
    printf('E%024d', number) as episode_id_register,
    'missing' as category_code,
    'medium' as risk_initial_code,
    'childrens_home' as location_type_code,
    'yes' as looked_after_flag_code
from range(80) as numbers (number);

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
select printf('M%024d', number) as mention_id_register, printf('C%024d', number) as child_id_register
from range(40) as numbers (number);

create table register.bridge_episode_reports as
select printf('R%024d', number) as report_id_register, printf('E%024d', number) as episode_id_register
from range(80) as numbers (number);
