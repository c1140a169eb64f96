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
