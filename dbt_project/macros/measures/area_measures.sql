{#
    The old and the new measure by area and period, from `fct_episodes`: counted once per child,
    then added up, so that no count of distinct children runs over episodes. Flags are counted, not
    summed: of millions of children, sums do not fit the memory. `period` is a name, `period_of` its
    expression on an episode.
#}
{% macro area_measure_bases() -%}
    {{ return({
        'register': 'category_code',
        'police': 'category_police_code',
        'authority': 'category_authority_code',
    }) }}
{%- endmacro %}

{% macro area_measure_kinds() -%}
    {{ return(['episode', 'missing', 'away', 'long_lower', 'long_upper']) }}
{%- endmacro %}

{# One row per episode with a flag, true or null, for each basis and kind of count. #}
{% macro episode_flags(period, period_of) -%}
    select
        child_id_register,
        authority_code_dfe,
        coalesce(police_force_code, 'unknown') as police_force_code,
        care_status_code,
        coalesce(is_out_of_area, false) as is_out_of_area,
        {{ period_of }} as {{ period }},
        {%- for basis, category in area_measure_bases().items() %}
        {%- for kind, condition in {
            'episode': ' is not null',
            'missing': " = 'missing'",
            'away': " in ('away', 'absent', 'no_apparent_risk')",
            'long_lower': " = 'missing' and is_over_24_hours_lower",
            'long_upper': " = 'missing' and is_over_24_hours_upper",
        }.items() %}
        case when {{ category }}{{ condition }} then true end as {{ basis }}_{{ kind }},
        {%- endfor %}
        {%- endfor %}
    from episodes
{%- endmacro %}

{# One row per child, area, population and period; `placed` as `placed_in_areas` gives it. #}
{% macro child_area_counts(placed, period) -%}
    select
        {{ placed }}.child_id_register,
        {{ placed }}.area_level_code,
        {{ placed }}.area_code,
        {{ placed }}.{{ period }},
        populations.population_code,
        {%- for basis in area_measure_bases() %}
        {%- for kind in area_measure_kinds() %}
        cast(count({{ placed }}.{{ basis }}_{{ kind }}) as integer)
            as {{ basis }}_{{ kind }}_count,
        {%- endfor %}
        {%- endfor %}
    from {{ placed }}
    {{ join_populations(placed) }}
    group by
        {{ placed }}.child_id_register,
        {{ placed }}.area_level_code,
        {{ placed }}.area_code,
        {{ placed }}.{{ period }},
        populations.population_code
{%- endmacro %}

{# One row per area, population, period and basis that has an episode. #}
{% macro area_counts(children, period) -%}
    select
        area_level_code,
        area_code,
        {{ period }},
        population_code,
        basis_code,
        {%- for kind, name in {
            'episode': '', 'missing': 'missing_', 'away': 'away_',
        }.items() %}
        count(case when {{ kind }}_count > 0 then 1 end) as {{ name }}children_count,
        cast(sum({{ kind }}_count) as bigint) as {{ name }}episode_count,
        {%- endfor %}
        count(case when missing_count > 1 then 1 end)
            as missing_repeatedly_children_count,
        count(case when away_count > 1 then 1 end) as away_repeatedly_children_count,
        {%- for bound in ['lower', 'upper'] %}
        count(case when long_{{ bound }}_count > 0 then 1 end)
            as over_24_hours_children_count_{{ bound }},
        cast(sum(long_{{ bound }}_count) as bigint)
            as over_24_hours_episode_count_{{ bound }},
        {%- endfor %}
    from (
        {%- for basis in area_measure_bases() %}
        select
            area_level_code, area_code, {{ period }}, population_code,
            '{{ basis }}' as basis_code,
            {%- for kind in area_measure_kinds() %}
            {{ basis }}_{{ kind }}_count as {{ kind }}_count,
            {%- endfor %}
        from {{ children }}
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    ) as children_by_basis
    group by area_level_code, area_code, {{ period }}, population_code, basis_code
    having sum(episode_count) > 0
{%- endmacro %}
