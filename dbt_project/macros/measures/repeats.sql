{#
    How many children have how many absences, with the children who have more: from a CTE of one
    row per child, area, year and population.
#}
{% macro absence_frequencies(children) -%}
    select
        *,
        sum(children_count) over (
            partition by area_level_code, area_code, collection_year, population_code
        ) as all_children_count,
        coalesce(
            sum(children_count) over (
                partition by area_level_code, area_code, collection_year, population_code
                order by episode_count desc
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as children_above_count,
    from (
        select
            area_level_code,
            area_code,
            collection_year,
            population_code,
            episode_count,
            count(*) as children_count,
            count(case when third_count > 0 then 1 end) as third_children_count,
            sum(third_count) as third_episode_count,
        from {{ children }}
        group by
            area_level_code, area_code, collection_year, population_code, episode_count
    ) as distribution
{%- endmacro %}

{#
    One row per area, year and population. The top children are `concentration_share` of them,
    rounded up to whole children.
#}
{% macro repeat_counts(frequencies) -%}
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
            ceiling(max(all_children_count) * {{ var('concentration_share') }}e0 - 1e-9) as bigint
        ) as top_children_count,
        cast(
            sum(
                episode_count * greatest(
                    0,
                    least(
                        children_count,
                        ceiling(all_children_count * {{ var('concentration_share') }}e0 - 1e-9)
                        - children_above_count
                    )
                )
            ) as bigint
        ) as top_episode_count,
    from {{ frequencies }}
    group by area_level_code, area_code, collection_year, population_code
{%- endmacro %}
