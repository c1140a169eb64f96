{# The department's age band. Before birth, the date of birth or of the absence is wrong. #}
{% macro age_band_of(age) -%}
    case
        when coalesce({{ age }}, -1) < 0 then 'unknown'
        when {{ age }} < 1 then 'under_1'
        when {{ age }} < 5 then '1_to_4'
        when {{ age }} < 10 then '5_to_9'
        when {{ age }} < 16 then '10_to_15'
        else '16_and_over'
    end
{%- endmacro %}

{# Whether the placement is inside or outside the authority's boundary. #}
{% macro boundary_of(is_out_of_area) -%}
    case
        when {{ is_out_of_area }} then 'outside'
        when not {{ is_out_of_area }} then 'inside'
        else 'unknown'
    end
{%- endmacro %}

{#
    One row per child, area, year and value of a characteristic, from `placed`: a row per episode and
    area. One characteristic after the other, and flags (true or null) counted rather than summed: of
    millions of children, all at once do not fit the memory. What both sources should have recorded is
    of looked-after children, whatever the population.
#}
{% macro child_characteristics(placed) -%}
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
        area_level_code,
        area_code,
        collection_year,
        '{{ characteristic }}' as characteristic_code,
        {{ column }} as value_code,
        count(*) as every_child_episode_count,
        count(is_missing) as every_child_missing_episode_count,
        count(is_looked_after) as looked_after_episode_count,
        count(case when is_looked_after then is_missing end)
            as looked_after_missing_episode_count,
        count(is_expected) as expected_count,
        count(is_matched) as matched_count,
    from {{ placed }}
    {%- if characteristic in ['placement_group', 'boundary'] %}
    where is_looked_after
    {%- endif %}
    group by
        child_id_register, area_level_code, area_code, collection_year, {{ column }}
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
        cast(sum(expected_count) as bigint) as both_expected_count,
        cast(sum(matched_count) as bigint) as both_when_expected_count,
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
