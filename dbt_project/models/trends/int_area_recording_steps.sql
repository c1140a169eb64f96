-- A region has too many suppliers for one of them to matter much, so it has no row.
with

periods as (
    select * from {{ ref('int_authority_periods') }}
),

steps as (
    select * from {{ ref('int_recording_segments') }}
    where is_certain_step
),

years as (
    {{ collection_years(ref('int_days')) }}
),

recorded_by as (
    select
        authority_code_dfe as area_code,
        police_force_code,
    from periods
    union distinct
    select
        police_force_code as area_code,
        police_force_code,
    from periods
),

final as (
    select distinct
        recorded_by.area_code,
        years.collection_year,
    from recorded_by
    inner join steps
        on steps.supplier_code in (recorded_by.area_code, recorded_by.police_force_code)
    inner join years
        on
            steps.first_month > {{ dbt.dateadd('year', -1, 'years.first_day') }}
            and steps.first_month <= years.last_day
)

select * from final
