-- Every count of every public file, including counts of 0.
with

listed_rows as (
    select * from {{ ref('int_publication_rows') }}
),

areas as (
    select * from {{ ref('dim_publication_areas') }}
),

counts as (
    select * from {{ ref('fct_publication_counts') }}
),

links as (
    select * from {{ ref('fct_publication_links') }}
),

clerical_sample as (
    select * from {{ ref('fct_publication_sample') }}
),

care_counts as (
    select * from {{ ref('fct_publication_care') }}
),

coverage as (
    select * from {{ ref('fct_publication_coverage') }}
),

last_year as (
    select max(reporting_year) as reporting_year
    from areas
),

row_places as (
    select
        listed_rows.*,
        areas.reporting_year,
        areas.area_code,
        areas.parent_code,
        areas.police_force_code,
        areas.is_available,
        {{ joined_key([
            'areas.reporting_year', 'listed_rows.geographic_level', 'areas.area_code',
        ]) }} as place_id,
    from listed_rows
    inner join areas on listed_rows.geographic_level = areas.geographic_level
),

of_base as (
    select
        row_places.*,
        case row_places.unit
            when 'episodes' then counts.episode_count
            when 'children' then counts.child_count
            when 'repeat_children' then counts.repeat_child_count
            when 'looked_after_children' then care_counts.looked_after_count
        end as counted,
        case row_places.unit
            when 'episodes' then counts.child_count
            when 'children' then counts.child_count
            when 'repeat_children' then counts.repeat_child_count
            when 'looked_after_children' then care_counts.looked_after_count
        end as children,
        case when row_places.unit = 'episodes' then counts.top_two_count end
            as top_two_count,
        row_places.unit != 'looked_after_children'
        or care_counts.looked_after_count is not null as is_counted,
    from row_places
    left join counts
        on
            row_places.geographic_level = counts.geographic_level
            and row_places.area_code = counts.area_code
            and row_places.reporting_year = counts.reporting_year
            and row_places.condition_id = counts.condition_id
            and row_places.episodes_least = counts.episodes_least
            and row_places.episodes_most = counts.episodes_most
    left join care_counts
        on
            row_places.geographic_level = care_counts.geographic_level
            and row_places.area_code = care_counts.area_code
            and row_places.reporting_year = care_counts.reporting_year
    where row_places.counted_on = 'base'
),

-- Children are counted at the central threshold only. At other thresholds the same
-- number is used, limited to the number of absences.
of_links as (
    select
        row_places.*,
        links.episode_count as counted,
        case
            when links.episode_count is not null
                then least(counts.child_count, links.episode_count)
        end as children,
        cast(null as bigint) as top_two_count,
        links.episode_count is not null as is_counted,
    from row_places
    left join links
        on
            row_places.geographic_level = links.geographic_level
            and row_places.area_code = links.area_code
            and row_places.reporting_year = links.reporting_year
            and row_places.linkage_code = links.linkage_code
            and coalesce(row_places.source_status, 'total') = links.source_status
    left join counts
        on
            row_places.geographic_level = counts.geographic_level
            and row_places.area_code = counts.area_code
            and row_places.reporting_year = counts.reporting_year
            and row_places.condition_id = counts.condition_id
            and counts.episodes_least = 1
            and row_places.episodes_most = counts.episodes_most
    where row_places.counted_on = 'links'
),

of_sample as (
    select
        row_places.*,
        clerical_sample.pair_count as counted,
        clerical_sample.pair_count as children,
        cast(null as bigint) as top_two_count,
        clerical_sample.pair_count is not null as is_counted,
    from row_places
    inner join last_year on row_places.reporting_year = last_year.reporting_year
    left join clerical_sample
        on row_places.filter_values = clerical_sample.filter_values
    where row_places.counted_on = 'linkage'
),

of_coverage as (
    select
        row_places.*,
        coverage.period_count as counted,
        cast(null as bigint) as children,
        cast(null as bigint) as top_two_count,
        coverage.period_count is not null as is_counted,
    from row_places
    left join coverage
        on
            row_places.geographic_level = coverage.geographic_level
            and row_places.area_code = coverage.area_code
            and row_places.reporting_year = coverage.reporting_year
            and coalesce(row_places.item_codes, 'total') = coverage.feed
            and row_places.measure = coverage.measure
    where row_places.counted_on = 'coverage'
),

united as (
    select * from of_base
    union all
    select * from of_links
    union all
    select * from of_sample
    union all
    select * from of_coverage
),

final as (
    select
        {{ joined_key(['data_set', 'place_id', 'filter_values', 'measure']) }}
            as publication_cell_id,
        data_set as dataset,
        reporting_year,
        geographic_level,
        area_code,
        parent_code,
        police_force_code,
        filter_values,
        measure,
        unit,
        counted_on,
        condition_id,
        cast(coalesce(counted, 0) as bigint) as value,
        cast(coalesce(children, 0) as bigint) as child_count,
        case
            when unit = 'episodes' and counted > 0
                then cast(top_two_count as double) / counted
        end as top_two_share,
        case counted_on
            when 'coverage' then is_counted
            else is_available and is_counted
        end as is_available,
    from united
)

select * from final
