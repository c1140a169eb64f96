-- The agreement and quality marts of the invented generation.
create table agreement.fct_agreement as
select
    printf('E%024d', number) as agreement_id,
    printf('E%024d', number) as episode_id_register,
    case
        when number % 4 = 3 then 'police_only'
        when number % 20 = 0 then 'authority_only'
        else 'both'
    end as status,
    true as is_police_expected,
    number % 4 <> 3 as is_authority_expected,
    true as is_in_scope,
    case when number % 4 = 3 then 'D1' when number % 20 = 0 then 'D4' end as reason_code,
    case when number % 8 < 4 then '213' else '373' end as authority_code_dfe,
    'E23000001' as police_force_code,
    '2025-26' as collection_year,
    date '2025-10-01' as start_month,
    case when number % 4 = 3 then 'home' else 'looked_after' end as care_status_code,
    case when number % 6 = 1 then 'no_apparent_risk' else 'missing' end as category_police_code,
    case when number % 6 = 1 then 'away' else 'missing' end as category_authority_code,
    true as is_category_equal,
    cast(0.5 as double) as start_difference_hours,
    cast(1.0 as double) as end_difference_hours,
    cast(0.5 as double) as duration_difference_hours,
    'equal' as looked_after_agreement_code
from range(80) as numbers (number);

create table agreement.agg_agreement_by_authority_year as
select
    authority_code_dfe,
    collection_year,
    care_status_code,
    count(*) filter (where status = 'both') as both_count,
    count(*) filter (where status = 'police_only') as police_only_count,
    count(*) filter (where status = 'authority_only') as authority_only_count
from agreement.fct_agreement
group by authority_code_dfe, collection_year, care_status_code;

create table quality.agg_rows_by_delivery as
select
    delivery_id, supplier_code, feed, period,
    1000 as received_row_count,
    case when outcome = 'accepted' then 1000 else 995 end as landed_row_count,
    case when outcome = 'accepted' then 0 else 5 end as quarantined_row_count,
    0 as erased_row_count,
    case when outcome = 'accepted' then 1000 else 995 end as landed_file_row_count,
    case when outcome = 'accepted' then 0 else 5 end as quarantine_file_row_count
from register.dim_deliveries;

create table quality.agg_supplier_coverage_by_period as
select
    supplier_code, feed, period,
    date '2025-04-01' as period_start,
    date '2025-04-30' as period_end,
    true as is_expected,
    true as is_delivered,
    false as is_late,
    cast(received_at as date) as due_date
from register.dim_deliveries;

create table quality.agg_completeness_by_supplier as
select
    supplier_code,
    'police_reports' as feed,
    'reports' as table_name,
    field_name,
    100 as row_count,
    97 as valid_count,
    0 as other_count,
    2 as default_count,
    0 as invalid_count,
    1 as missing_count
from register.dim_suppliers
cross join (values ('sex'), ('ethnicity'), ('dob'), ('found_at')) as fields (field_name)
where supplier_type <> 'publisher';
