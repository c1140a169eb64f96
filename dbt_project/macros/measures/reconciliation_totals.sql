{# Sums over authorities: 0 where one delivered and counts none, null where none delivered. #}
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
    before rounding. `totals` has a row per area, year and count measure. Children in care, of whom
    a percentage is, are the register's on every basis.
#}
{% macro derived_figures(totals) -%}
    select
        totals.area_level_code,
        totals.area_code,
        totals.collection_year,
        ratios.measure_code,
        {%- for basis in figure_bases() %}
        ratios.scale * sum(
            case when totals.measure_code = ratios.top_code then totals.{{ basis }}_figure end
        ) / nullif(sum(
            case
                when totals.measure_code != ratios.bottom_code then null
                when ratios.bottom_code = 'looked_after_children' then totals.register_figure
                else totals.{{ basis }}_figure
            end
        ), 0) as {{ basis }}_figure,
        {%- endfor %}
        cast(null as double) as carried_in_count,
        cast(null as double) as flagged_row_count,
        max(totals.authority_count) as authority_count,
        max(totals.full_year_count) as full_year_count,
        max(totals.part_year_count) as part_year_count,
    from {{ totals }} as totals
    inner join (
        {%- for category in ['missing', 'away'] %}
        select
            '{{ category }}_incidents_per_child' as measure_code,
            '{{ category }}_incidents' as top_code,
            '{{ category }}_children' as bottom_code,
            1e0 as scale
        union all
        select
            '{{ category }}_children_percentage' as measure_code,
            '{{ category }}_children' as top_code,
            'looked_after_children' as bottom_code,
            100e0 as scale
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    ) as ratios
        on totals.measure_code in (ratios.top_code, ratios.bottom_code)
    group by
        totals.area_level_code,
        totals.area_code,
        totals.collection_year,
        ratios.measure_code,
        ratios.scale
{%- endmacro %}
