{#
    Quantiles of a lag over the rows of a group (`quantile_columns`): columns `<name>_p10`, `_p25`,
    `_median`, `_p75`, `_p90`, and `<name>_count`, the number of known lags. A mean would mislead:
    one record that was forgotten for a year outweighs a thousand prompt ones.
#}
{% macro lag_quantiles(name, lag) -%}
    count({{ lag }}) as {{ name }}_count,
    {{ quantile_columns(
        name, lag, {'p10': 0.1, 'p25': 0.25, 'median': 0.5, 'p75': 0.75, 'p90': 0.9}
    ) }}
{%- endmacro %}
