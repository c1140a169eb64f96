{#
    Repeat each row for every area in which it counts: the areas of its authority, and its police
    force. `counts` is a CTE of rows by authority and police force. Needs the import CTE `areas`
    (int_authority_areas), or another one named by the argument.
#}
{% macro placed_in_areas(counts, areas='areas') -%}
    select
        {{ counts }}.*,
        {{ areas }}.area_level_code,
        {{ areas }}.area_code,
    from {{ counts }}
    inner join {{ areas }} on {{ counts }}.authority_code_dfe = {{ areas }}.authority_code_dfe
    union all
    select
        *,
        'police_force' as area_level_code,
        police_force_code as area_code,
    from {{ counts }}
{%- endmacro %}

{#
    Join each row to every population that includes it. Needs the import CTE `populations`
    (ref__populations).
#}
{% macro join_populations(relation) -%}
    inner join populations
        on
            {{ relation }}.care_status_code = populations.care_status_code
            and {{ relation }}.is_out_of_area = populations.is_out_of_area
{%- endmacro %}

{#
    The last columns of a mart by area and year: up to which day each source has delivered the
    area's year. Needs the import CTE `coverage` (int_area_year_coverage), joined by
    `join_coverage`.
#}
{% macro coverage_columns() -%}
    coverage.police_delivered_to_date,
    coverage.authority_delivered_to_date,
    coalesce(coverage.is_year_delivered, false) as is_year_delivered
{%- endmacro %}

{% macro join_coverage(relation) -%}
    left join coverage
        on
            {{ relation }}.area_level_code = coverage.area_level_code
            and {{ relation }}.area_code = coverage.area_code
            and {{ relation }}.collection_year = coverage.collection_year
{%- endmacro %}

{#
    Join the band of a duration in days (measure `dfe`) or hours (`police`), as
    `<measure>_bands<bound>`. With the bound `_highest`, an unknown duration is in the longest band.
    Needs the CTE `bands` (ref__duration_bands, with `below`).
#}
{% macro join_band(measure, bound, duration) -%}
    left join bands as {{ measure }}_bands{{ bound }}
        on
            {{ measure }}_bands{{ bound }}.measure = '{{ measure }}'
            {%- set length = 'coalesce(' ~ duration ~ ', 999999)' if bound == '_highest' else duration %}
            and {{ length }} >= {{ measure }}_bands{{ bound }}.lower
            and {{ length }} < {{ measure }}_bands{{ bound }}.below
{%- endmacro %}

{#
    The code of an authority's region, with London as one region: the reference lists of authorities
    have Inner and Outer London instead.
#}
{% macro whole_region_code(region_code) -%}
    case
        when {{ region_code }} in ('E13000001', 'E13000002') then 'E12000007'
        else coalesce({{ region_code }}, 'unknown')
    end
{%- endmacro %}

{# The name of an authority's region, with London as one region. #}
{% macro whole_region_name(region_code, region_name) -%}
    case
        when {{ region_code }} in ('E13000001', 'E13000002') then 'London'
        else coalesce({{ region_name }}, 'Not known')
    end
{%- endmacro %}

{#
    The first columns of a `bi` relation by area and year: the area, the year, how far it is
    delivered, and the population. Needs the relation `areas`, joined by `join_areas`.
#}
{% macro area_year_columns(relation) -%}
    {{ relation }}.area_level_code,
    {{ relation }}.area_code,
    areas.area_name,
    {{ relation }}.collection_year,
    {{ relation }}.is_year_delivered,
    {{ relation }}.police_delivered_to_date,
    {{ relation }}.authority_delivered_to_date,
    {{ relation }}.population_code,
    {{ label_of(relation ~ '.population_code', 'population') }} as population_name
{%- endmacro %}

{% macro join_areas(relation) -%}
    left join areas
        on
            {{ relation }}.area_level_code = areas.area_level_code
            and {{ relation }}.area_code = areas.area_code
{%- endmacro %}

{# Join the row of another relation for the same area, year and population. #}
{% macro join_area_year(other, relation, kind='left') -%}
    {{ kind }} join {{ other }}
        on
            {{ relation }}.area_level_code = {{ other }}.area_level_code
            and {{ relation }}.area_code = {{ other }}.area_code
            and {{ relation }}.collection_year = {{ other }}.collection_year
            and {{ relation }}.population_code = {{ other }}.population_code
{%- endmacro %}
