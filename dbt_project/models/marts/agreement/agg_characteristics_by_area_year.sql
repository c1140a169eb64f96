-- Sex and ethnic group are the child's, as known now; the rest is the absence's. What
-- describes care is told of looked-after children alone.
with

episodes as (
    select * from {{ ref('fct_episodes') }}
),

placement_types as (
    select * from {{ ref('dim_placement_types') }}
),

areas as (
    select * from {{ ref('int_authority_areas_listed') }}
),

labelled as (
    select
        episodes.*,
        coalesce(placement_types.placement_group_code, 'unknown')
            as placement_group_code,
        case
            when episodes.is_out_of_area then 'outside'
            when not episodes.is_out_of_area then 'inside'
            else 'unknown'
        end as boundary_code,
        coalesce(episodes.duration_band_dfe_code, 'unknown') as duration_band_code,
    from episodes
    left join placement_types
        on episodes.placement_type_code = placement_types.placement_type_code
),

described as (
    {{ characteristic_rows('labelled') }}
),

placed as (
    {{ placed_in_areas('described') }}
),

child_values as (
    select
        child_id_register,
        area_level_code,
        area_code,
        collection_year,
        characteristic_code,
        value_code,
        sum(episode_count) as every_child_episode_count,
        sum(missing_episode_count) as every_child_missing_episode_count,
        sum(case when is_looked_after then episode_count end)
            as looked_after_episode_count,
        sum(case when is_looked_after then missing_episode_count end)
            as looked_after_missing_episode_count,
    from placed
    group by
        child_id_register,
        area_level_code,
        area_code,
        collection_year,
        characteristic_code,
        value_code
),

counted as (
    {{ characteristic_counts('child_values') }}
),

final as (
    select
        {{ joined_key([
            'area_level_code', 'area_code', 'collection_year', 'population_code',
            'characteristic_code', 'value_code',
        ]) }} as characteristic_id,
        *,
        cast(episode_count as double) / sum(episode_count) over (
            partition by
                area_level_code, area_code, collection_year, population_code,
                characteristic_code
        ) as episode_share,
    from counted
)

select * from final
