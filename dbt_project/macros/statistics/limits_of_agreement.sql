{#
    Intervals of a mean difference and of both limits of agreement, as columns: `<name>_mean_lower`
    and `<name>_mean_upper`; `<name>_lower_limit` and `<name>_upper_limit`, each with `_lower` and
    `_upper`.
#}
{% macro limits_of_agreement(name, mean, deviation, count) -%}
    {{ mean }} - {{ function('mean_half_width') }}({{ deviation }}, {{ count }}) as {{ name }}_mean_lower,
    {{ mean }} + {{ function('mean_half_width') }}({{ deviation }}, {{ count }}) as {{ name }}_mean_upper,
    {%- for limit in ['lower', 'upper'] %}
    {%- set of_agreement = function(limit ~ '_limit_of_agreement') ~ '(' ~ [mean, deviation, count] | join(', ') ~ ')' %}
    {{ of_agreement }} as {{ name }}_{{ limit }}_limit,
    {{ of_agreement }} - {{ function('limit_half_width') }}({{ deviation }}, {{ count }})
        as {{ name }}_{{ limit }}_limit_lower,
    {{ of_agreement }} + {{ function('limit_half_width') }}({{ deviation }}, {{ count }})
        as {{ name }}_{{ limit }}_limit_upper
        {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}
