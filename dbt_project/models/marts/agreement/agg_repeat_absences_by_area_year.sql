-- Concentration is the share of absences that belong to the top group, the children
-- with the most absences. It is computed from the number of children for each number of
-- absences. If children at the edge of the group have equally many absences, only as
-- many of them count as the group still needs.
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

distribution as (
    select
        area_level_code,
        area_code,
        collection_year,
        population_code,
        episode_count,
        count(*) as children_count,
        count(case when third_count > 0 then 1 end) as third_children_count,
        sum(third_count) as third_episode_count,
    from children
    group by
        area_level_code, area_code, collection_year, population_code, episode_count
),

frequencies as (
    select
        *,
        sum(children_count) over (
            partition by area_level_code, area_code, collection_year, population_code
        ) as all_children_count,
        coalesce(
            sum(children_count) over (
                partition by
                    area_level_code, area_code, collection_year, population_code
                order by episode_count desc
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as children_above_count,
    from distribution
),

-- The size of the top group is `concentration_share` of all children, rounded up.
counted as (
    select
        area_level_code,
        area_code,
        collection_year,
        population_code,
        cast(max(all_children_count) as bigint) as children_count,
        cast(sum(children_count * episode_count) as bigint) as episode_count,
        cast(max(episode_count) as bigint) as most_episode_count,
        cast(sum(case when episode_count > 1 then children_count else 0 end) as bigint)
            as repeat_children_count,
        cast(sum(third_children_count) as bigint) as third_children_count,
        cast(sum(third_episode_count) as bigint) as third_episode_count,
        cast(
            ceiling(
                max(all_children_count) * {{ var('concentration_share') }}e0 - 1e-9
            ) as bigint
        ) as top_children_count,
        cast(
            sum(
                episode_count * greatest(
                    0,
                    least(
                        children_count,
                        ceiling(
                            all_children_count * {{ var('concentration_share') }}e0
                            - 1e-9
                        )
                        - children_above_count
                    )
                )
            ) as bigint
        ) as top_episode_count,
    from frequencies
    group by area_level_code, area_code, collection_year, population_code
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
