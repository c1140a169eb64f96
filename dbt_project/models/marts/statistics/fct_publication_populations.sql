-- The register's rates have the same denominators, so that a rate has one value
-- everywhere.
with

rates as (
    select * from {{ ref('rates_by_area_year') }}
    where population_code = 'every_child' and measure_code = 'children_missing'
),

placed as (
    select
        {{ reporting_year('collection_year') }} as reporting_year,
        coalesce(
            {{ geographic_level('area_level_code') }}, 'Police force area'
        ) as geographic_level,
        area_code,
        denominator_count as child_count,
    from rates
    where denominator_count is not null
),

final as (
    select
        {{ joined_key(['reporting_year', 'geographic_level', 'area_code']) }}
            as area_year_id,
        *,
    from placed
)

select * from final
