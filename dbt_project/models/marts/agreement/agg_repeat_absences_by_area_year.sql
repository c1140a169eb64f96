-- Concentration comes from how many children have how many absences: the top children
-- are the share with most, a part of those with equally many where it ends among them.
with

episodes as (
    select * from {{ ref('fct_episodes') }}
),

areas as (
    select * from {{ ref('int_authority_areas') }}
),

populations as (
    select * from {{ ref('ref__populations') }}
),

coverage as (
    select * from {{ ref('int_area_year_coverage') }}
),

counts as (
    select
        child_id_register,
        authority_code_dfe,
        coalesce(police_force_code, 'unknown') as police_force_code,
        care_status_code,
        coalesce(is_out_of_area, false) as is_out_of_area,
        collection_year,
        count(*) as episode_count,
        count(case when is_third_in_90_days then 1 end) as third_count,
    from episodes
    group by
        child_id_register,
        authority_code_dfe,
        coalesce(police_force_code, 'unknown'),
        care_status_code,
        coalesce(is_out_of_area, false),
        collection_year
),

placed as (
    {{ placed_in_areas('counts') }}
),

children as (
    select
        placed.child_id_register,
        placed.area_level_code,
        placed.area_code,
        placed.collection_year,
        populations.population_code,
        sum(placed.episode_count) as episode_count,
        sum(placed.third_count) as third_count,
    from placed
    {{ join_populations('placed') }}
    group by
        placed.child_id_register,
        placed.area_level_code,
        placed.area_code,
        placed.collection_year,
        populations.population_code
),

frequencies as (
    {{ absence_frequencies('children') }}
),

counted as (
    {{ repeat_counts('frequencies') }}
),

final as (
    select
        {{ joined_key([
            'counted.area_level_code', 'counted.area_code', 'counted.collection_year',
            'counted.population_code',
        ]) }} as repeat_absence_id,
        counted.*,
        cast(counted.repeat_children_count as double) / counted.children_count
            as repeat_children_share,
        {{ wilson_columns(
            'repeat_children_share', 'repeat_children_count', 'children_count'
        ) }},
        cast(counted.third_children_count as double) / counted.children_count
            as third_children_share,
        {{ wilson_columns(
            'third_children_share', 'third_children_count', 'children_count'
        ) }},
        cast(counted.episode_count as double) / counted.children_count
            as episodes_per_child,
        cast(counted.top_episode_count as double) / counted.episode_count
            as top_episode_share,
        {{ coverage_columns() }},
    from counted
    {{ join_coverage('counted') }}
)

select * from final
