-- An area keeps its published counts if the years of all its authorities are carried
-- over. See docs/reference/statistics/revisions.md.
{% set statuses = ['both', 'police_only', 'authority_only'] %}
with

linkages as (
    select
        *,
        {{ geographic_level('area_level_code') }} as geographic_level,
        {{ reporting_year('collection_year') }} as reporting_year,
    from {{ ref('agg_agreement_by_linkage') }}
    where
        population_code = 'every_child'
        and area_level_code in ('nation', 'region', 'sub_region')
        -- London is added below, as the sum of Inner and Outer London.
        and area_code != 'E12000007'
        and linkage_code in ('strict', 'loose')
),

replaced_years as (
    select * from {{ ref('fct_publication_replaced_years') }}
),

new_years as (
    select distinct reporting_year from replaced_years
    where is_new_year
),

replaced_places as (
    select
        'E92000001' as area_code,
        reporting_year,
    from replaced_years
    union distinct
    select
        region_code as area_code,
        reporting_year,
    from replaced_years
    union distinct
    select
        'E12000007' as area_code,
        reporting_year,
    from replaced_years
    where region_code like 'E13%'
),

by_status as (
    {% for status in statuses %}
        select
            geographic_level,
            area_code,
            reporting_year,
            linkage_code,
            '{{ status }}' as source_status,
            {{ status }}_count as episode_count,
        from linkages
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

with_london as (
    select
        geographic_level,
        area_code,
        reporting_year,
        linkage_code,
        source_status,
        episode_count,
    from by_status
    union all
    select
        geographic_level,
        'E12000007' as area_code,
        reporting_year,
        linkage_code,
        source_status,
        sum(episode_count) as episode_count,
    from by_status
    where geographic_level = 'Regional' and area_code like 'E13%'
    group by geographic_level, reporting_year, linkage_code, source_status
),

with_totals as (
    select * from with_london
    union all
    select
        geographic_level,
        area_code,
        reporting_year,
        linkage_code,
        'total' as source_status,
        sum(episode_count) as episode_count,
    from with_london
    group by geographic_level, area_code, reporting_year, linkage_code
),

drawn as (
    select
        {{ joined_key([
            'reporting_year', 'geographic_level', 'area_code', 'linkage_code',
            'source_status',
        ]) }} as publication_link_id,
        reporting_year,
        geographic_level,
        area_code,
        linkage_code,
        source_status,
        cast(episode_count as bigint) as episode_count,
    from with_totals
),

earlier as (
    {{ earlier_rows('fct_publication_links', 'drawn') }}
),

chosen as (
    select drawn.*
    from drawn
    left join replaced_places
        on
            drawn.area_code = replaced_places.area_code
            and drawn.reporting_year = replaced_places.reporting_year
    left join new_years on drawn.reporting_year = new_years.reporting_year
    where
        replaced_places.area_code is not null
        or new_years.reporting_year is not null
    union all by name
    select earlier.*
    from earlier
    left join replaced_places
        on
            earlier.area_code = replaced_places.area_code
            and earlier.reporting_year = replaced_places.reporting_year
    where replaced_places.area_code is null
),

-- A region that is carried over may differ from the one that was drawn. So a replaced
-- nation or London sums the regions as published, and a nation also the drawn episodes
-- outside every region.
carried_regions as (
    select
        chosen.reporting_year,
        chosen.area_code,
        chosen.linkage_code,
        chosen.source_status,
        chosen.episode_count - drawn.episode_count as episode_count,
    from chosen
    inner join drawn on chosen.publication_link_id = drawn.publication_link_id
    where
        chosen.geographic_level = 'Regional'
        and chosen.area_code != 'E12000007'
),

differences as (
    {% for area, parts in [('E92000001', 'E%'), ('E12000007', 'E13%')] %}
        select
            '{{ area }}' as area_code,
            reporting_year,
            linkage_code,
            source_status,
            sum(episode_count) as episode_count,
        from carried_regions
        where area_code like '{{ parts }}'
        group by reporting_year, linkage_code, source_status
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (
    select
        chosen.* replace (
            cast(
                chosen.episode_count + coalesce(differences.episode_count, 0) as bigint
            ) as episode_count
        ),
    from chosen
    left join replaced_places
        on
            chosen.area_code = replaced_places.area_code
            and chosen.reporting_year = replaced_places.reporting_year
    left join differences
        on
            chosen.reporting_year = differences.reporting_year
            and chosen.linkage_code = differences.linkage_code
            and chosen.source_status = differences.source_status
            and replaced_places.area_code = differences.area_code
)

select * from final
