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

{#
    A figure of a characteristic: nought where authorities delivered and count none, blank where
    none delivered. Figures of all children and incidents are as they were totalled.
#}
{% macro nought_where_counted(basis) -%}
    case
        when coalesce(nation.full_year_count + nation.part_year_count, 0) = 0 then null
        {%- if basis == 'return' %}
        when not nation.is_return_delivered then null
        {%- endif %}
        when published.characteristic_code = 'every' then figures.{{ basis }}_figure
        else coalesce(figures.{{ basis }}_figure, 0)
    end
{%- endmacro %}

{# The reason of a row of the CTE `reasoned`: what its value alone can add to the first. #}
{% macro characteristic_reason() -%}
    case
        when not is_counted and published_symbol_code is null then 'not_counted'
        when coalesce(first_reason_code, 'equal') != 'unexplained' or value_code = 'every'
            then first_reason_code
        when unknown_count > 0 and is_within_unknown then 'characteristic_not_known'
        when is_total_different then 'follows_its_total'
        else first_reason_code
    end
{%- endmacro %}
