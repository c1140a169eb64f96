{#
    What every table of agreement counts and measures, so that a figure means the same in each.
    Counts add up over cells; measures are made from them once, at the grain that is published.
#}
{% macro agreement_statuses() -%}
    {{ return(['both', 'police_only', 'authority_only']) }}
{%- endmacro %}

{#
    Two columns that an intermediate model calls by another name: whether each source should have
    seen an absence. `rows` has the force's coverage and the care status.
#}
{% macro agreement_expectations() -%}
    is_police_covered as is_police_expected,
    case
        when care_status_code != 'unknown' then care_status_code = 'looked_after'
    end as is_authority_expected
{%- endmacro %}

{# Counts by name, each with its condition on a row of `fct_agreement` and its two categories. #}
{% macro agreement_conditions() -%}
    {%- set expected = 'is_police_expected and is_authority_expected' -%}
    {%- set police_missing = "police_categories.comparison_code = 'missing'" -%}
    {%- set authority_missing = "authority_categories.comparison_code = 'missing'" -%}
    {%- set police_away = "police_categories.comparison_code = 'whereabouts_known'" -%}
    {%- set authority_away = "authority_categories.comparison_code = 'whereabouts_known'" -%}
    {{ return({
        'both': "status = 'both'",
        'police_only': "status = 'police_only'",
        'authority_only': "status = 'authority_only'",
        'category_equal': 'is_category_equal',
        'unexplained': "reason_code = 'D0'",
        'both_expected': expected,
        'both_when_expected': expected ~ " and status = 'both'",
        'missing_by_both': police_missing ~ ' and ' ~ authority_missing,
        'missing_by_police': police_missing ~ ' and ' ~ authority_away,
        'missing_by_authority': police_away ~ ' and ' ~ authority_missing,
        'missing_by_neither': police_away ~ ' and ' ~ authority_away,
    }) }}
{%- endmacro %}

{# The counts of a group of rows, or of a group of cells that were counted already. #}
{% macro agreement_counts() -%}
    count(*) as total_count,
    {%- for name, condition in agreement_conditions().items() %}
    count(case when {{ condition }} then 1 end) as {{ name }}_count
        {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}

{% macro agreement_count_names() -%}
    {{ return(['total'] + agreement_conditions().keys() | list) }}
{%- endmacro %}

{% macro agreement_counts_added() -%}
    {%- for name in agreement_count_names() %}
    cast(sum({{ name }}_count) as bigint) as {{ name }}_count
        {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}

{#
    Measures of one row of counts: shares with Wilson intervals, agreement of holding and of
    category. Which of the two is the answer "yes" matters to positive agreement alone: missing.
#}
{% macro agreement_measures() -%}
    {%- set seen = 'both_count, police_only_count, authority_only_count'.split(', ') -%}
    {%- set cells = [
        'missing_by_both_count', 'missing_by_police_count', 'missing_by_authority_count',
        'missing_by_neither_count',
    ] -%}
    {%- for name, of in {
        'both': 'total', 'police_only': 'total', 'authority_only': 'total',
        'both_when_expected': 'both_expected', 'category_equal': 'both',
    }.items() %}
    cast({{ name }}_count as double) / nullif({{ of }}_count, 0) as {{ name }}_share,
    {{ wilson_columns(name ~ '_share', name ~ '_count', of ~ '_count') }},
    {%- endfor %}
    {{ positive_agreement(*seen) }} as positive_agreement,
    {{ positive_agreement(*cells[:3]) }} as missing_agreement,
    {{ negative_agreement(cells[3], cells[1], cells[2]) }} as away_agreement,
    {{ cohens_kappa(*cells) }} as category_kappa,
    {{ cohens_kappa_error(*cells) }} as category_kappa_error,
    {{ gwets_ac1(*cells) }} as category_ac1,
    {{ gwets_ac1_error(*cells) }} as category_ac1_error
{%- endmacro %}
