{#
    Macros that count, by area and period, the register's episodes and the absences that each source
    reported. Absences are counted for each child and then added up, so no distinct count runs over
    episodes. `period` is the period's column, `period_of` its expression on an absence.
#}
{% macro area_measure_kinds() -%}
    {{ return({
        'episode': 'is not null',
        'missing': "= 'missing'",
        'away': "= 'away'",
        'no_apparent_risk': "= 'no_apparent_risk'",
        'not_known': "= 'not_known'",
        'long_lower': "= 'missing' and is_over_24_hours_lower",
        'long_upper': "= 'missing' and is_over_24_hours_upper",
    }) }}
{%- endmacro %}

{#
    One row per absence and basis, with a flag for each kind of count: true, or null if the kind
    does not apply. Needs the import CTEs `episodes` (fct_episodes) and `reported_absences`
    (int_reported_absences).
#}
{% macro episode_flags(period, period_of) -%}
    {%- set columns = [
        'child_id_register', 'authority_code_dfe', 'police_force_code', 'care_status_code',
        'is_out_of_area', 'start_date', 'collection_year', 'counted_category_code',
        'is_over_24_hours_lower', 'is_over_24_hours_upper',
    ] -%}
    select
        basis_code,
        child_id_register,
        authority_code_dfe,
        coalesce(police_force_code, 'unknown') as police_force_code,
        care_status_code,
        coalesce(is_out_of_area, false) as is_out_of_area,
        {{ period_of }} as {{ period }},
        {%- for kind, condition in area_measure_kinds().items() %}
        case when counted_category_code {{ condition }} then true end as is_{{ kind }},
        {%- endfor %}
    from (
        select 'register' as basis_code, {{ columns | join(', ') }}
        from episodes
        union all
        select source as basis_code, {{ columns | join(', ') }}
        from reported_absences
    ) as absences
{%- endmacro %}

{#
    One row per group of children who are alike: each has absences in one place (area and care
    status) in the period, and equal counts. Nearly all children are in groups, so far fewer rows
    are joined to areas and populations. A child with several places has a row for each place.
#}
{% macro alike_children(flagged, period) -%}
    {%- set place = [
        'authority_code_dfe', 'police_force_code', 'care_status_code', 'is_out_of_area',
        'basis_code', period,
    ] | join(', ') -%}
    {%- set counts = area_measure_kinds() | map('string') | join('_count, ') ~ '_count' -%}
    select
        min(child_id_register) as child_id_register,
        {{ place }},
        {{ counts }},
        count(*) as child_count,
    from (
        select
            child_id_register,
            {{ place }},
            {%- for kind in area_measure_kinds() %}
            count(is_{{ kind }}) as {{ kind }}_count,
            {%- endfor %}
            count(*) over (partition by child_id_register, {{ period }}, basis_code)
                as place_count,
        from {{ flagged }}
        group by child_id_register, {{ place }}
    ) as places
    group by
        {{ place }},
        {{ counts }},
        case when place_count > 1 then child_id_register end
{%- endmacro %}

{# One row per child (of `alike_children`), area, population, period and basis. #}
{% macro child_area_counts(placed, period) -%}
    select
        {{ placed }}.child_id_register,
        {{ placed }}.area_level_code,
        {{ placed }}.area_code,
        {{ placed }}.{{ period }},
        populations.population_code,
        {{ placed }}.basis_code,
        max({{ placed }}.child_count) as child_count,
        {%- for kind in area_measure_kinds() %}
        cast(sum({{ placed }}.{{ kind }}_count) as integer) as {{ kind }}_count,
        {%- endfor %}
    from {{ placed }}
    {{ join_populations(placed) }}
    group by
        {{ placed }}.child_id_register,
        {{ placed }}.area_level_code,
        {{ placed }}.area_code,
        {{ placed }}.{{ period }},
        populations.population_code,
        {{ placed }}.basis_code
{%- endmacro %}

{# One row per area, population, period and basis with at least one absence. #}
{% macro area_counts(children, period) -%}
    select
        area_level_code,
        area_code,
        {{ period }},
        population_code,
        basis_code,
        {%- for kind, name in {
            'episode': '', 'missing': 'missing_', 'away': 'away_',
            'no_apparent_risk': 'no_apparent_risk_', 'not_known': 'category_not_known_',
        }.items() %}
        {{ number_where('child_count', kind ~ '_count > 0') }} as {{ name }}children_count,
        {{ absences_of(kind) }} as {{ name }}episode_count,
        {%- endfor %}
        {{ number_where('child_count', 'missing_count > 1') }} as missing_repeatedly_children_count,
        {{ number_where('child_count', 'away_count > 1') }} as away_repeatedly_children_count,
        {%- for bound in ['lower', 'upper'] %}
        {{ number_where('child_count', 'long_' ~ bound ~ '_count > 0') }}
            as over_24_hours_children_count_{{ bound }},
        {{ absences_of('long_' ~ bound) }} as over_24_hours_episode_count_{{ bound }},
        {%- endfor %}
    from {{ children }}
    group by area_level_code, area_code, {{ period }}, population_code, basis_code
    having sum(episode_count) > 0
{%- endmacro %}

{#
    The number of children in rows that meet a condition. `number` says how many children a row
    represents.
#}
{% macro number_where(number, condition) -%}
    cast(sum(case when {{ condition }} then {{ number }} else 0 end) as bigint)
{%- endmacro %}

{% macro absences_of(kind) -%}
    cast(sum({{ kind }}_count * child_count) as bigint)
{%- endmacro %}
