-- Counted by the register where its own measures have the area, else as it is compared
-- with the department's figures.
with

measures as (
    select
        area_level_code,
        area_code,
        collection_year,
        looked_after_children_count,
    from {{ ref('agg_measures_by_area_year') }}
    where population_code = 'looked_after'
),

reconciled as (
    select
        area_level_code,
        area_code,
        collection_year,
        cast(register_figure as bigint) as looked_after_children_count,
    from {{ ref('agg_reconciliation_by_area_year') }}
    where measure_code = 'looked_after_children'
),

united as (
    select * from measures
    union all
    select * from reconciled
),

counted as (
    select
        {{ geographic_level('area_level_code') }} as geographic_level,
        area_code,
        {{ reporting_year('collection_year') }} as reporting_year,
        max(looked_after_children_count) as looked_after_count,
    from united
    where area_level_code in ('nation', 'region', 'authority')
    group by area_level_code, area_code, collection_year
    having max(looked_after_children_count) is not null
),

with_london as (
    {{ with_london('counted', ['reporting_year'], ['looked_after_count']) }}
),

final as (
    select
        {{ joined_key(['reporting_year', 'geographic_level', 'area_code']) }}
            as area_year_id,
        reporting_year,
        geographic_level,
        area_code,
        cast(looked_after_count as bigint) as looked_after_count,
    from with_london
)

select * from final
