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
    One row per child, place, year and value of a characteristic, from a row per episode. One
    characteristic after the other, and flags (true or null) counted rather than summed: of millions of
    children, all at once do not fit the memory. What both sources should have recorded is of
    looked-after children, whatever the population.
#}
{% macro child_characteristics(labelled) -%}
    {%- set place = 'authority_code_dfe, police_force_code, collection_year' -%}
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
        {{ place }},
        '{{ characteristic }}' as characteristic_code,
        {{ column }} as value_code,
        count(*) as every_child,
        count(is_missing) as every_child_missing,
        count(is_looked_after) as looked_after,
        count(case when is_looked_after then is_missing end) as looked_after_missing,
        count(is_expected) as expected,
        count(is_matched) as matched,
        count(*) over (partition by child_id_register, collection_year, {{ column }}) as places,
    from {{ labelled }}
    {%- if characteristic in ['placement_group', 'boundary'] %}
    where is_looked_after
    {%- endif %}
    group by child_id_register, {{ place }}, {{ column }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#
    One row per area, year, population and value of a characteristic, from children who are alike in
    their places. A child who is counted under two values (an age at each of two absences) is under
    both.
#}
{% macro characteristic_counts(placed) -%}
    select
        area_level_code,
        area_code,
        collection_year,
        population_code,
        characteristic_code,
        value_code,
        {{ number_where('child_count', 'child_of_several_places is null') }}
        + count(distinct child_of_several_places) as children_count,
        cast(sum(episodes * child_count) as bigint) as episode_count,
        {{ number_where('child_count', 'child_of_several_places is null and missing > 0') }}
        + count(distinct case when missing > 0 then child_of_several_places end)
            as missing_children_count,
        cast(sum(missing * child_count) as bigint) as missing_episode_count,
        cast(sum(expected * child_count) as bigint) as both_expected_count,
        cast(sum(matched * child_count) as bigint) as both_when_expected_count,
    from (
    {%- for population in ['every_child', 'looked_after'] %}
        select
            *,
            '{{ population }}' as population_code,
            {{ population }} as episodes,
            {{ population }}_missing as missing,
        from {{ placed }}
        where
            {{ population }} > 0
            {%- if population == 'every_child' %}
            and characteristic_code not in ('placement_group', 'boundary')
            {%- endif %}
        {{ 'union all' if not loop.last }}
    {%- endfor %}
    ) as populated
    group by
        area_level_code, area_code, collection_year, population_code, characteristic_code,
        value_code
{%- endmacro %}
