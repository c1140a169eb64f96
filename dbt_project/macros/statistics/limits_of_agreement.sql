{#
    Limits of agreement of two measurements of one thing: 95 of 100 differences lie between mean -
    z s and mean + z s (Bland and Altman 1986, Lancet 327:307-310). The mean's interval is mean ± t
    s/√n; a limit's is limit ± t s √(1/n + z² / (2 (n - 1))) (Bland and Altman 1999, Statistical
    Methods in Medical Research 8:135-160, section 2). They suppose differences without a trend
    in size, about normal; durations have long tails, so quantiles are published beside them.

    `mean`, `deviation` (with n - 1) and `count` are of the differences. Columns
    `<name>_mean_lower`, `<name>_mean_upper`, `<name>_lower_limit` and `<name>_upper_limit`, each
    limit with `_lower` and `_upper`.
#}
{% macro limits_of_agreement(name, mean, deviation, count) -%}
    {{ mean }} - {{ student_t(count ~ ' - 1') }} * {{ deviation }} / sqrt({{ count }})
        as {{ name }}_mean_lower,
    {{ mean }} + {{ student_t(count ~ ' - 1') }} * {{ deviation }} / sqrt({{ count }})
        as {{ name }}_mean_upper,
    {%- for limit, sign in [('lower', '-'), ('upper', '+')] %}
    {{ limit_of_agreement(mean, deviation, count, sign) }} as {{ name }}_{{ limit }}_limit,
        {%- for end, side in [('lower', '-'), ('upper', '+')] %}
    {{ limit_of_agreement(mean, deviation, count, sign) }}
    {{ side }} {{ student_t(count ~ ' - 1') }} * {{ limit_error(deviation, count) }}
        as {{ name }}_{{ limit }}_limit_{{ end }}
            {%- if not loop.last %},{% endif %}
        {%- endfor %}
        {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}

{% macro limit_of_agreement(mean, deviation, count, sign) -%}
    case
        when {{ count }} > 1
            then {{ mean }} {{ sign }} {{ var('interval_z') }}e0 * {{ deviation }}
    end
{%- endmacro %}

{% macro limit_error(deviation, count) -%}
    {{ deviation }} * sqrt(
        1.0 / {{ count }} + {{ var('interval_z') ** 2 / 2 }}e0 / nullif({{ count }} - 1, 0)
    )
{%- endmacro %}
