-- Number of distinct looked-after children, from the register's measures. An area
-- without an absence of a looked-after child has no measures. Its number is the
-- register's figure from the comparison with the department, a sum over authorities. If
-- an authority's year is carried over, its number stays as in the previous release. The
-- number of a larger area changes only by what changed in authorities whose year is
-- replaced. See docs/reference/statistics/revisions.md.
with

-- Every basis has the same number, so `distinct` leaves one row per area and year.
measures as (
    select distinct
        area_level_code,
        area_code,
        collection_year,
        looked_after_children_count,
    from {{ ref('agg_measures_by_area_year') }}
    where population_code = 'looked_after' and looked_after_children_count is not null
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

replaced_years as (
    select * from {{ ref('fct_publication_replaced_years') }}
),

new_years as (
    select distinct reporting_year from replaced_years
    where is_new_year
),

united as (
    select * from measures
    union all
    select reconciled.*
    from reconciled
    left join measures
        on
            reconciled.area_level_code = measures.area_level_code
            and reconciled.area_code = measures.area_code
            and reconciled.collection_year = measures.collection_year
    where
        measures.area_code is null
        and reconciled.looked_after_children_count is not null
),

drawn as (
    select
        {{ geographic_level('area_level_code') }} as geographic_level,
        area_code,
        {{ reporting_year('collection_year') }} as reporting_year,
        cast(looked_after_children_count as bigint) as looked_after_count,
    from united
    where area_level_code in ('nation', 'region', 'sub_region', 'authority')
),

earlier as (
    {{ earlier_rows('fct_publication_care', 'drawn') }}
),

authority_changes as (
    select
        replaced_years.authority_code_dfe,
        replaced_years.reporting_year,
        replaced_years.region_code,
        coalesce(drawn.looked_after_count, 0)
        - coalesce(earlier.looked_after_count, 0) as change_count,
    from replaced_years
    left join drawn
        on
            replaced_years.authority_code_dfe = drawn.area_code
            and replaced_years.reporting_year = drawn.reporting_year
    left join earlier
        on
            replaced_years.authority_code_dfe = earlier.area_code
            and replaced_years.reporting_year = earlier.reporting_year
),

place_changes as (
    select
        authority_code_dfe as area_code,
        reporting_year,
        change_count,
    from authority_changes
    union all
    select
        region_code as area_code,
        reporting_year,
        change_count,
    from authority_changes
    union all
    select
        'E12000007' as area_code,
        reporting_year,
        change_count,
    from authority_changes
    where region_code like 'E13%'
    union all
    select
        'E92000001' as area_code,
        reporting_year,
        change_count,
    from authority_changes
),

changes as (
    select
        area_code,
        reporting_year,
        sum(change_count) as change_count,
    from place_changes
    where area_code is not null
    group by area_code, reporting_year
),

places as (
    select
        geographic_level,
        area_code,
        reporting_year,
    from drawn
    union distinct
    select
        geographic_level,
        area_code,
        reporting_year,
    from earlier
),

counted as (
    select
        places.geographic_level,
        places.area_code,
        places.reporting_year,
        case
            when new_years.reporting_year is not null then drawn.looked_after_count
            when changes.area_code is null then earlier.looked_after_count
            when places.geographic_level = 'Local authority'
                then drawn.looked_after_count
            else
                coalesce(earlier.looked_after_count, 0) + changes.change_count
        end as looked_after_count,
    from places
    left join drawn
        on
            places.area_code = drawn.area_code
            and places.reporting_year = drawn.reporting_year
    left join earlier
        on
            places.area_code = earlier.area_code
            and places.reporting_year = earlier.reporting_year
    left join changes
        on
            places.area_code = changes.area_code
            and places.reporting_year = changes.reporting_year
    left join new_years on places.reporting_year = new_years.reporting_year
),

final as (
    select
        {{ joined_key(['reporting_year', 'geographic_level', 'area_code']) }}
            as area_year_id,
        reporting_year,
        geographic_level,
        area_code,
        cast(looked_after_count as bigint) as looked_after_count,
    from counted
    where looked_after_count is not null
)

select * from final
