{# Sums over authorities: 0 where one delivered and counts none, null where none delivered. #}
{% macro figure_sums(grid) -%}
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
    before rounding. `totals` has a row per area, year and count measure. Percentages are of the
    register's children in care on every basis.
#}
{% macro ratio_figures(totals) -%}
    select
        bottoms.area_level_code,
        bottoms.area_code,
        bottoms.collection_year,
        ratios.measure_code,
        ratios.scale * tops.register_figure / nullif(bottoms.register_figure, 0)
            as register_figure,
        {%- for basis in figure_bases() if basis != 'register' %}
        ratios.scale * tops.{{ basis }}_figure / nullif(
            case
                when ratios.bottom_code = 'looked_after_children' then bottoms.register_figure
                else bottoms.{{ basis }}_figure
            end,
            0
        ) as {{ basis }}_figure,
        {%- endfor %}
        cast(null as double) as carried_in_count,
        cast(null as double) as flagged_row_count,
        bottoms.authority_count,
        bottoms.full_year_count,
        bottoms.part_year_count,
    from {{ totals }} as bottoms
    inner join (
        values
        ('missing_incidents_per_child', 'missing_incidents', 'missing_children', 1e0),
        ('missing_children_percentage', 'missing_children', 'looked_after_children', 100e0),
        ('away_incidents_per_child', 'away_incidents', 'away_children', 1e0),
        ('away_children_percentage', 'away_children', 'looked_after_children', 100e0)
    ) as ratios (measure_code, top_code, bottom_code, scale)
        on bottoms.measure_code = ratios.bottom_code
    left join {{ totals }} as tops
        on
            ratios.top_code = tops.measure_code
            and bottoms.area_level_code = tops.area_level_code
            and bottoms.area_code = tops.area_code
            and bottoms.collection_year = tops.collection_year
{%- endmacro %}
