{#
    Quantiles of a lag over the rows of a group (`quantile_columns`; definition 7 of Hyndman and Fan
    1996): columns `<name>_p10`, `_p25`, `_median`, `_p75`, `_p90`, and `<name>_count` of known
    lags. A lag has no mean worth reading: one that was forgotten for a year outweighs a thousand
    prompt ones.
#}
{% macro lag_quantiles(name, lag) -%}
    count({{ lag }}) as {{ name }}_count,
    {{ quantile_columns(
        name, lag, {'p10': 0.1, 'p25': 0.25, 'median': 0.5, 'p75': 0.75, 'p90': 0.9}
    ) }}
{%- endmacro %}
