{#
    One row per child, area of counting, year, characteristic and value, from the CTE `labelled`.
    Counted per characteristic at once, since children are few beside their absences.
#}
{% macro characteristic_rows(labelled) -%}
    {%- for characteristic, column in {
        'age_band': 'age_band_code',
        'sex': 'sex_code',
        'ethnicity_group': 'ethnicity_group_code',
        'duration_band': 'duration_band_code',
        'placement_group': 'placement_group_code',
        'boundary': 'boundary_code',
    }.items() %}
    select
        child_id_register,
        authority_code_dfe,
        coalesce(police_force_code, 'unknown') as police_force_code,
        collection_year,
        care_status_code = 'looked_after' as is_looked_after,
        '{{ characteristic }}' as characteristic_code,
        {{ column }} as value_code,
        count(*) as episode_count,
        count(case when category_code = 'missing' then 1 end) as missing_episode_count,
    from {{ labelled }}
    {%- if characteristic in ['placement_group', 'boundary'] %}
    where care_status_code = 'looked_after'
    {%- endif %}
    group by
        child_id_register,
        authority_code_dfe,
        coalesce(police_force_code, 'unknown'),
        collection_year,
        care_status_code = 'looked_after',
        {{ column }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#
    One row per area, year, population and value of a characteristic, from one row per child.
    A child who is counted under two values (an age at each of two absences) is under both.
#}
{% macro characteristic_counts(child_values) -%}
    {%- for population in ['every_child', 'looked_after'] %}
    select
        area_level_code,
        area_code,
        collection_year,
        '{{ population }}' as population_code,
        characteristic_code,
        value_code,
        count(*) as children_count,
        cast(sum({{ population }}_episode_count) as bigint) as episode_count,
        count(case when {{ population }}_missing_episode_count > 0 then 1 end)
            as missing_children_count,
        cast(coalesce(sum({{ population }}_missing_episode_count), 0) as bigint)
            as missing_episode_count,
    from {{ child_values }}
    where
        {{ population }}_episode_count > 0
        {%- if population == 'every_child' %}
        and characteristic_code not in ('placement_group', 'boundary')
        {%- endif %}
    group by
        area_level_code, area_code, collection_year, characteristic_code, value_code
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
