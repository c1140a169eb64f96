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
    Joins each row to every population that counts it. Needs the import CTE `populations`
    (ref__populations).
#}
{% macro join_populations(relation) -%}
    inner join populations
        on
            {{ relation }}.care_status_code = populations.care_status_code
            and {{ relation }}.is_out_of_area = populations.is_out_of_area
{%- endmacro %}
