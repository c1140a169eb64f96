{# The counts of several rows of children at one threshold, added up. #}
{% macro linkage_count_sums() -%}
    {%- for name in ['police_only_when_expected', 'timing_pair', 'unit_pair'] %}
    cast(sum({{ name }}_count) as bigint) as {{ name }}_count,
    {%- endfor %}
    {{- agreement_count_sums() }}
{%- endmacro %}
