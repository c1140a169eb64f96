{#
    One answer of a group that may have several: yes where any is, else no where any is, else
    not_applicable where any is, else unknown. For aggregates.
#}
{% macro best_answer(column) -%}
    case
        {%- for answer in ['yes', 'no', 'not_applicable'] %}
        when max(case when {{ column }} = '{{ answer }}' then 1 else 0 end) = 1
            then '{{ answer }}'
        {%- endfor %}
        else 'unknown'
    end
{%- endmacro %}

{# How many of each answer, where `condition` is true: `<name>_count`, `not_<name>_count` and so on. #}
{% macro answer_counts(column, name, condition='true') -%}
    count(case when {{ column }} = 'yes' and {{ condition }} then 1 end)
        as {{ name }}_count,
    count(case when {{ column }} = 'no' and {{ condition }} then 1 end)
        as not_{{ name }}_count,
    count(
        case
            when coalesce({{ column }}, 'unknown') not in ('yes', 'no') and {{ condition }}
                then 1
        end
    ) as {{ name }}_unknown_count
{%- endmacro %}

{# A share with its Wilson interval: `<name>`, `<name>_lower`, `<name>_upper`. #}
{% macro share_columns(name, part, whole) -%}
    cast({{ part }} as double) / nullif({{ whole }}, 0) as {{ name }},
    {{ wilson_columns(name, part, whole) }}
{%- endmacro %}
