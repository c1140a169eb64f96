{#
    Counts by linkage, child and cell, with the records of one absence that stay apart. Needs the
    import CTE `categories`.
#}
{% macro linkage_child_counts(rows, cell) -%}
    select
        {{ rows }}.linkage_code,
        {{ rows }}.child_key,
    {%- for column in cell %}
    {{ rows }}.{{ column }},
    {%- endfor %}
        {{ agreement_counts() }},
        count(case when is_police_expected and is_authority_expected
            and status = 'police_only' then 1 end) as police_only_when_expected_count
        {%- for kind in ['timing', 'unit'] %},
        count(case when {{ rows }}.kind_code = '{{ kind }}' then 1 end) as {{ kind }}_pair_count
        {%- endfor %}
    from {{ rows }}
    left join categories as police_categories
        on {{ rows }}.category_police_code = police_categories.category_code
    left join categories as authority_categories
        on {{ rows }}.category_authority_code = authority_categories.category_code
    group by
    {%- for column in cell %}
    {{ rows }}.{{ column }},
    {%- endfor %}
        {{ rows }}.linkage_code,
        {{ rows }}.child_key
{%- endmacro %}

{# The counts of a group of these rows. #}
{% macro linkage_count_sums() -%}
    {%- for name in ['police_only_when_expected', 'timing_pair', 'unit_pair'] %}
    cast(sum({{ name }}_count) as bigint) as {{ name }}_count,
    {%- endfor %}
    {{- agreement_count_sums() }}
{%- endmacro %}
