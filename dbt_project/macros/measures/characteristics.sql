{# The department's age band. It is unknown for a negative age, because a date must be wrong. #}
{% macro age_band_of(age) -%}
    case
        when coalesce({{ age }}, -1) < 0 then 'unknown'
        when {{ age }} < 1 then 'under_1'
        when {{ age }} < 5 then '1_to_4'
        when {{ age }} < 10 then '5_to_9'
        when {{ age }} < 16 then '10_to_15'
        else '16_and_over'
    end
{%- endmacro %}

{% macro boundary_of(is_out_of_area) -%}
    case
        when {{ is_out_of_area }} then 'outside'
        when not {{ is_out_of_area }} then 'inside'
        else 'unknown'
    end
{%- endmacro %}
