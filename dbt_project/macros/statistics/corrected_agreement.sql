{#
    Parts of the query of `agg_agreement_corrected_by_linkage`: the bounds of shares, and one column
    for each count and share. The formulas are functions in `functions/statistics/`.
#}

{# The bounds of the share in each row of the CTE `spread`. #}
{% macro bounds_over_ends() -%}
    {%- for end in ['lower', 'upper'] %}
    {{ function('share_' ~ end) }}(
        share, least_total, both_factor_{{ end }}, police_only_factor_{{ end }}, corner_{{ end }}
    ) as share_{{ end }},
    {%- endfor %}
{%- endmacro %}

{# The rows of `spread`, turned into columns: corrected counts, and shares with their bounds. #}
{% macro corrected_columns() -%}
    {%- for status in agreement_statuses() %}
    max(count_at_centre) filter (where share_code = '{{ status }}') as corrected_{{ status }}_count,
    {%- endfor %}
    max(total_at_centre) filter (where share_code = 'both') as corrected_total_count,
    {%- for name in agreement_statuses() + ['both_when_expected'] %}
    {%- for end in ['', '_lower', '_upper'] %}
    max(share{{ end }}) filter (where share_code = '{{ name }}') as corrected_{{ name }}_share{{ end }},
    {%- endfor %}
    {%- endfor %}
{%- endmacro %}

{# The names of the columns of `corrected_columns`. #}
{% macro corrected_names() -%}
    {%- set names = ['corrected_total_count'] -%}
    {%- for status in agreement_statuses() -%}
        {%- do names.append('corrected_' ~ status ~ '_count') -%}
    {%- endfor -%}
    {%- for name in agreement_statuses() + ['both_when_expected'] -%}
        {%- for end in ['', '_lower', '_upper'] -%}
            {%- do names.append('corrected_' ~ name ~ '_share' ~ end) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}
