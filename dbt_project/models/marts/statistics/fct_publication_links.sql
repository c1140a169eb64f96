-- The marts of linkage leave short breaks out, which the base counts: those are added
-- as the central linkage counts them. A place whose authorities' years are all carried
-- over keeps its counts (rule D6).
{% set statuses = ['both', 'police_only', 'authority_only'] %}
with

episodes as (
    select
        *,
        {{ reporting_year('collection_year') }} as reporting_year,
    from {{ ref('fct_episodes') }}
    where not is_in_scope
),

authorities as (
    select * from {{ ref('dim_authorities') }}
),

linkages as (
    select
        *,
        {{ geographic_level('area_level_code') }} as geographic_level,
        {{ reporting_year('collection_year') }} as reporting_year,
    from {{ ref('agg_agreement_by_linkage') }}
    where
        population_code = 'every_child'
        and area_level_code in ('nation', 'region', 'sub_region')
        -- London is the sum of its two parts, below.
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

out_of_scope as (
    select
        'National' as geographic_level,
        'E92000001' as area_code,
        reporting_year,
        source_status,
    from episodes
    union all
    select
        'Regional' as geographic_level,
        authorities.region_code_ons as area_code,
        episodes.reporting_year,
        episodes.source_status,
    from episodes
    inner join authorities
        on episodes.authority_version_id = authorities.authority_version_id
    where authorities.region_code_ons is not null
),

added as (
    select
        geographic_level,
        area_code,
        reporting_year,
        source_status,
        count(*) as added_count,
    from out_of_scope
    group by geographic_level, area_code, reporting_year, source_status
),

by_status as (
    {% for status in statuses %}
        select
            geographic_level,
            area_code,
            reporting_year,
            linkage_code,
            '{{ status }}' as source_status,
            {{ status }}_count as linked_count,
        from linkages
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

complete as (
    select
        by_status.geographic_level,
        by_status.area_code,
        by_status.reporting_year,
        by_status.linkage_code,
        by_status.source_status,
        by_status.linked_count + coalesce(added.added_count, 0) as episode_count,
    from by_status
    left join added
        on
            by_status.geographic_level = added.geographic_level
            and by_status.area_code = added.area_code
            and by_status.reporting_year = added.reporting_year
            and by_status.source_status = added.source_status
),

with_london as (
    {{ with_london(
        'complete', ['reporting_year', 'linkage_code', 'source_status'], ['episode_count']
    ) }}
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

final as (
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
)

select * from final
