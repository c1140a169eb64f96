{#
    Limits of agreement of two measurements of one quantity: 95 of 100 differences lie between mean
    - z s and mean + z s (Bland and Altman 1986, Lancet 327:307-310). The mean's interval is mean ±
    t s/√n; a limit's is limit ± t s √(1/n + z² / (2 (n - 1))) (Bland and Altman 1999, Statistical
    Methods in Medical Research 8:135-160, section 2). They suppose differences without a trend
    in size, about normal; durations have long tails, so quantiles are published too.

    `mean`, `deviation` (with n - 1) and `count` are of the differences. A limit is null for fewer
    than two differences, an interval for fewer than four (`student_t`).
#}
{% macro limit_of_agreement_functions() -%}
    {%- set arguments = ['difference_mean', 'deviation', 'difference_count'] -%}
    {%- set z = var('interval_z') -%}
    {% call database_function('mean_half_width', ['deviation', 'difference_count']) %}
        student_t(difference_count - 1) * deviation / sqrt(difference_count)
    {% endcall %}
    {% call database_function('limit_half_width', ['deviation', 'difference_count']) %}
        student_t(difference_count - 1) * deviation * sqrt(
            1.0 / difference_count + {{ z ** 2 / 2 }}e0 / nullif(difference_count - 1, 0)
        )
    {% endcall %}
    {%- for limit, sign in [('lower', '-'), ('upper', '+')] %}
    {% call database_function(limit ~ '_limit_of_agreement', arguments) %}
        case when difference_count > 1 then difference_mean {{ sign }} {{ z }}e0 * deviation end
    {% endcall %}
    {%- endfor %}
{%- endmacro %}

{#
    Columns `<name>_mean_lower`, `<name>_mean_upper`, `<name>_lower_limit` and
    `<name>_upper_limit`, each limit with `_lower` and `_upper`.
#}
{% macro limits_of_agreement(name, mean, deviation, count) -%}
    {{ mean }} - mean_half_width({{ deviation }}, {{ count }}) as {{ name }}_mean_lower,
    {{ mean }} + mean_half_width({{ deviation }}, {{ count }}) as {{ name }}_mean_upper,
    {%- for limit in ['lower', 'upper'] %}
    {%- set of_agreement = limit ~ '_limit_of_agreement(' ~ [mean, deviation, count] | join(', ') ~ ')' %}
    {{ of_agreement }} as {{ name }}_{{ limit }}_limit,
    {{ of_agreement }} - limit_half_width({{ deviation }}, {{ count }})
        as {{ name }}_{{ limit }}_limit_lower,
    {{ of_agreement }} + limit_half_width({{ deviation }}, {{ count }})
        as {{ name }}_{{ limit }}_limit_upper
        {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}
