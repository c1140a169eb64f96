-- Fails if the sensitivity analysis at the register's own tolerance counts other
-- episodes than the register.
with

tolerances as (
    {{ merge_tolerances(ref('ref__merge_tolerances')) }}
),

register as (
    select
        coalesce(authority_code_dfe, 'unknown') as authority_code_dfe,
        collection_year,
        care_status_code,
        count(*) as total_count,
        count(case when source_status = 'both' then 1 end) as both_count,
        count(case when source_status = 'police_only' then 1 end) as police_only_count,
    from {{ ref('int_episodes') }}
    where {{ function('is_in_scope') }}(start_date, care_status_code)
    group by
        coalesce(authority_code_dfe, 'unknown'),
        collection_year,
        care_status_code
),

counted as (
    select agg_agreement_by_tolerance.*
    from {{ ref('agg_agreement_by_tolerance') }}
    inner join tolerances
        on
            tolerances.source = 'across'
            and agg_agreement_by_tolerance.tolerance_days * 24
            = tolerances.tolerance_hours
    where
        agg_agreement_by_tolerance.authority_code_dfe != 'all'
        and agg_agreement_by_tolerance.care_status_code != 'all'
)

select
    coalesce(register.authority_code_dfe, counted.authority_code_dfe)
        as authority_code_dfe,
    coalesce(register.collection_year, counted.collection_year) as collection_year,
from register
full outer join counted
    on
        register.authority_code_dfe = counted.authority_code_dfe
        and register.collection_year = counted.collection_year
        and register.care_status_code = counted.care_status_code
where
    register.total_count is distinct from counted.total_count
    or register.both_count is distinct from counted.both_count
    or register.police_only_count is distinct from counted.police_only_count
