-- An authority counts if it or its police force delivered the year, or if a report
-- assigns an absence to it. Otherwise a region of which few suppliers deliver would
-- have rates that are far too low.
with

populations as (
    select * from {{ ref('ref__child_populations') }}
),

areas as (
    select * from {{ ref('int_authority_areas') }}
),

periods as (
    select * from {{ ref('int_authority_periods') }}
),

spans as (
    select * from {{ ref('int_supplier_coverage') }}
),

absences as (
    select * from {{ ref('int_reported_absences') }}
),

years as (
    {{ collection_years(ref('int_days')) }}
),

authority_years as (
    select distinct
        periods.authority_code_dfe,
        periods.police_force_code,
        years.collection_year,
        years.first_day,
        years.last_day,
    from periods
    inner join years
        on
            periods.valid_from <= years.last_day
            and coalesce(periods.valid_to, years.last_day) >= years.first_day
),

known as (
    select
        authority_years.authority_code_dfe,
        authority_years.collection_year,
    from authority_years
    inner join spans
        on
            spans.supplier_code
            in (authority_years.authority_code_dfe, authority_years.police_force_code)
            and authority_years.last_day >= spans.covered_from_date
            and authority_years.first_day <= spans.covered_to_date
    union distinct
    select
        authority_code_dfe,
        collection_year,
    from absences
),

counted as (
    select
        authority_years.authority_code_dfe,
        authority_years.police_force_code,
        authority_years.collection_year,
        populations.children_count,
    from authority_years
    inner join known
        on
            authority_years.authority_code_dfe = known.authority_code_dfe
            and authority_years.collection_year = known.collection_year
    inner join populations
        on authority_years.authority_code_dfe = populations.authority_code_dfe
),

placed as (
    select distinct
        areas.area_level_code,
        areas.area_code,
        counted.authority_code_dfe,
        counted.collection_year,
        counted.children_count,
    from counted
    inner join areas on counted.authority_code_dfe = areas.authority_code_dfe
    union all
    select
        'police_force' as area_level_code,
        police_force_code as area_code,
        authority_code_dfe,
        collection_year,
        children_count,
    from counted
),

final as (
    select
        area_level_code,
        area_code,
        collection_year,
        cast(sum(children_count) as bigint) as children_count,
    from placed
    group by area_level_code, area_code, collection_year
)

select * from final
