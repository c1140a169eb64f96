{# Sums over authorities: nought where one delivered and counts none, blank where none did. #}
{% macro summed_figures(grid) -%}
    {%- for basis in figure_bases() %}
    cast(
        sum(
            case
                when {{ grid }}.is_{{ basis }}_delivered
                    then coalesce({{ grid }}.{{ basis }}_figure, 0)
            end
        ) as double
    ) as {{ basis }}_figure
    {{- ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#
    Averages and percentages of an area and year, from its counts as they are: they are computed
    before rounding. `totals` has a row per area, year and count measure.
#}
{% macro derived_figures(totals) -%}
    {%- for category in ['missing', 'away'] %}
    {%- for measure, top, bottom, scale in [
        ('incidents_per_child', category ~ '_incidents', category ~ '_children', 1),
        ('children_percentage', category ~ '_children', 'looked_after_children', 100),
    ] %}
    select
        area_level_code,
        area_code,
        collection_year,
        '{{ category }}_{{ measure }}' as measure_code,
        {%- for basis in figure_bases() %}
        {{ scale }}e0 * sum(
            case when measure_code = '{{ top }}' then {{ basis }}_figure end
        ) / nullif(sum(
            case when measure_code = '{{ bottom }}' then
            {{ 'register' if bottom == 'looked_after_children' else basis }}_figure end
        ), 0) as {{ basis }}_figure,
        {%- endfor %}
        cast(null as double) as carried_in_count,
        cast(null as double) as flagged_row_count,
        max(authority_count) as authority_count,
        max(full_year_count) as full_year_count,
        max(part_year_count) as part_year_count,
    from {{ totals }}
    where measure_code in ('{{ top }}', '{{ bottom }}')
    group by area_level_code, area_code, collection_year
    {{ 'union all' if not (loop.last and category == 'away') }}
    {%- endfor %}
    {%- endfor %}
{%- endmacro %}
