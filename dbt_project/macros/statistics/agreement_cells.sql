{#
    Counts and measures of agreement, defined once so that they mean the same in every table. Counts
    add up over cells; measures are computed once, from the counts at the published grain.
#}
{% macro agreement_statuses() -%}
    {{ return(['both', 'police_only', 'authority_only']) }}
{%- endmacro %}

{#
    Whether each source should have recorded an absence: it has delivered the day and, for an
    authority, looked after the child. `rows` has the coverage of both sources and the care status.
#}
{% macro agreement_expectations(rows) -%}
    {{ rows }}.is_police_covered as is_police_expected,
    {{ function('is_authority_in_scope') }}({{ rows }}.is_authority_covered, {{ rows }}.care_status_code)
        as is_authority_expected
{%- endmacro %}

{#
    The condition of each count on rows of `fct_agreement`, joined to the categories of both
    sources. The counts are named without `_count`; the total has no condition.
#}
{% macro agreement_conditions() -%}
    {{ return({
        'both': "status = 'both'",
        'police_only': "status = 'police_only'",
        'authority_only': "status = 'authority_only'",
        'category_equal': "is_category_equal",
        'unexplained': "reason_code = 'D0'",
        'both_expected': "is_police_expected and is_authority_expected",
        'both_when_expected':
            "is_police_expected and is_authority_expected and status = 'both'",
        'missing_by_both': compared_as('missing', 'missing'),
        'missing_by_police': compared_as('missing', 'whereabouts_known'),
        'missing_by_authority': compared_as('whereabouts_known', 'missing'),
        'missing_by_neither': compared_as('whereabouts_known', 'whereabouts_known'),
    }) }}
{%- endmacro %}

{# Whether the police category and the authority category have the given comparison codes. #}
{% macro compared_as(police, authority) -%}
    police_categories.comparison_code = '{{ police }}'
    and authority_categories.comparison_code = '{{ authority }}'
{%- endmacro %}

{# The counts of a group of rows of `fct_agreement`. #}
{% macro agreement_counts() -%}
    count(*) as total_count
    {%- for name, condition in agreement_conditions().items() %},
    count(case when {{ condition }} then 1 end) as {{ name }}_count
    {%- endfor %}
{%- endmacro %}

{# The counts of several cells, added up. #}
{% macro agreement_count_sums() -%}
    cast(sum(total_count) as bigint) as total_count
    {%- for name in agreement_conditions() %},
    cast(sum({{ name }}_count) as bigint) as {{ name }}_count
    {%- endfor %}
{%- endmacro %}

{#
    The measures of one row of counts: shares with Wilson intervals, agreement on the absence, and
    agreement on its category. Kappa and AC1 are the same whichever category counts as yes. In
    `missing_agreement`, missing counts as yes; in `away_agreement`, the other categories do.
#}
{% macro agreement_measures() -%}
    {%- set cells = [
        'missing_by_both_count', 'missing_by_police_count', 'missing_by_authority_count',
        'missing_by_neither_count',
    ] -%}
    {%- set all_cells = cells | join(', ') -%}
    {%- for name, of in {
        'both': 'total',
        'police_only': 'total',
        'authority_only': 'total',
        'both_when_expected': 'both_expected',
        'category_equal': 'both',
    }.items() %}
    {{ share_columns(name ~ '_share', name ~ '_count', of ~ '_count') }},
    {%- endfor %}
    case
        when both_expected_count > 0
            then {{ function('positive_agreement') }}(both_count, police_only_count, authority_only_count)
    end as positive_agreement,
    {{ function('positive_agreement') }}({{ cells[:3] | join(', ') }}) as missing_agreement,
    {{ function('negative_agreement') }}({{ [cells[3], cells[1], cells[2]] | join(', ') }}) as away_agreement,
    {{ function('cohens_kappa') }}({{ all_cells }}) as category_kappa,
    {{ function('cohens_kappa_error') }}({{ all_cells }}) as category_kappa_error,
    {{ function('cohens_kappa_lower') }}({{ all_cells }}) as category_kappa_lower,
    {{ function('cohens_kappa_upper') }}({{ all_cells }}) as category_kappa_upper,
    {{ function('gwets_ac1') }}({{ all_cells }}) as category_ac1,
    {{ function('gwets_ac1_error') }}({{ all_cells }}) as category_ac1_error,
    {{ function('gwets_ac1_lower') }}({{ all_cells }}) as category_ac1_lower,
    {{ function('gwets_ac1_upper') }}({{ all_cells }}) as category_ac1_upper
{%- endmacro %}
