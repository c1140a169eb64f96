{#
    What every table of agreement counts and measures, so that a figure means the same in each.
    Counts add up over cells; measures are made from them once, at the grain that is published.
#}
{% macro agreement_statuses() -%}
    {{ return(['both', 'police_only', 'authority_only']) }}
{%- endmacro %}

{#
    Whether each source should have recorded an absence, only on days that it has delivered. `rows`
    has the coverage of both and the care status.
#}
{% macro agreement_expectations(rows) -%}
    {{ rows }}.is_police_covered as is_police_expected,
    {{ function('is_authority_in_scope') }}({{ rows }}.is_authority_covered, {{ rows }}.care_status_code)
        as is_authority_expected
{%- endmacro %}

{# The counts of a group of rows of `fct_agreement`, each with its two categories. #}
{% macro agreement_counts() -%}
    count(*) as total_count,
    count(case when status = 'both' then 1 end) as both_count,
    count(case when status = 'police_only' then 1 end) as police_only_count,
    count(case when status = 'authority_only' then 1 end) as authority_only_count,
    count(case when is_category_equal then 1 end) as category_equal_count,
    count(case when reason_code = 'D0' then 1 end) as unexplained_count,
    count(case when is_police_expected and is_authority_expected then 1 end)
        as both_expected_count,
    count(case when is_police_expected and is_authority_expected and status = 'both' then 1 end)
        as both_when_expected_count,
    {%- for name, police, authority in [
        ('both', 'missing', 'missing'),
        ('police', 'missing', 'whereabouts_known'),
        ('authority', 'whereabouts_known', 'missing'),
        ('neither', 'whereabouts_known', 'whereabouts_known'),
    ] %}
    count(case when police_categories.comparison_code = '{{ police }}'
        and authority_categories.comparison_code = '{{ authority }}' then 1 end)
        as missing_by_{{ name }}_count
        {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}

{# The names of these counts, without `_count`. #}
{% macro agreement_count_names() -%}
    {{ return([
        'total', 'both', 'police_only', 'authority_only', 'category_equal', 'unexplained',
        'both_expected', 'both_when_expected', 'missing_by_both', 'missing_by_police',
        'missing_by_authority', 'missing_by_neither',
    ]) }}
{%- endmacro %}

{# The counts of a group of cells that were counted already. #}
{% macro agreement_count_sums() -%}
    {%- for name in agreement_count_names() %}
    cast(sum({{ name }}_count) as bigint) as {{ name }}_count
        {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}

{#
    Measures of one row of counts: shares with Wilson intervals, agreement on the absence and on its
    category. Which of the two is the answer "yes" matters to positive agreement alone: missing.
#}
{% macro agreement_measures() -%}
    {%- set cells = [
        'missing_by_both_count', 'missing_by_police_count', 'missing_by_authority_count',
        'missing_by_neither_count',
    ] -%}
    {%- set all_cells = cells | join(', ') -%}
    {%- for name, of in {
        'both': 'total', 'police_only': 'total', 'authority_only': 'total',
        'both_when_expected': 'both_expected', 'category_equal': 'both',
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
