{#
    Measures are counted in areas and populations. `counts` is a CTE of rows that each belong to
    an authority and a police force: every row is repeated for each area in which it counts.
    Needs the import CTE `areas` (int_authority_areas).
#}
{% macro placed_in_areas(counts) -%}
    select
        {{ counts }}.*,
        areas.area_level_code,
        areas.area_code,
    from {{ counts }}
    inner join areas on {{ counts }}.authority_code_dfe = areas.authority_code_dfe
    union all
    select
        *,
        'police_force' as area_level_code,
        police_force_code as area_code,
    from {{ counts }}
{%- endmacro %}

{#
    The populations to which a row of a care status counts, as a CTE to join on
    `care_status_code` and `is_out_of_area`.
#}
{% macro populations_by_care() -%}
    {%- for care_status_code in ['looked_after', 'home', 'short_break', 'unknown'] %}
    {%- for is_out_of_area in ['true', 'false'] %}
    select
        '{{ care_status_code }}' as care_status_code,
        {{ is_out_of_area }} as is_out_of_area,
        'every_child' as population_code
    union all
    select
        '{{ care_status_code }}' as care_status_code,
        {{ is_out_of_area }} as is_out_of_area,
        '{{ care_status_code }}' as population_code
    {{ 'union all' if not (loop.last and care_status_code == 'unknown') }}
    {%- endfor %}
    {%- endfor %}
    union all
    select
        'looked_after' as care_status_code,
        true as is_out_of_area,
        'out_of_area' as population_code
{%- endmacro %}

{# Joins each row to every population it counts in; `populations` is the CTE of these. #}
{% macro join_populations(relation) -%}
    inner join populations
        on
            {{ relation }}.care_status_code = populations.care_status_code
            and {{ relation }}.is_out_of_area = populations.is_out_of_area
{%- endmacro %}
