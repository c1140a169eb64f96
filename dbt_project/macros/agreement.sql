{#
    Agreement field by field, and its reasons. The import CTE of thresholds is one row with a
    column for each code asked for; a code that the seed lacks stops the build.
#}
{% macro reason_thresholds(codes) -%}
    select
        {%- for code in codes %}
        max(case when threshold_code = '{{ code }}' then value end) as {{ code }},
        {%- endfor %}
    from {{ ref('ref__reason_thresholds') }}
{%- endmacro %}

{# Equal, differs, or who says nothing. A null says nothing. #}
{% macro agreement_code(police_value, authority_value, is_equal) -%}
    case
        when {{ police_value }} is null and {{ authority_value }} is null then 'both_missing'
        when {{ police_value }} is null then 'police_missing'
        when {{ authority_value }} is null then 'authority_missing'
        when {{ is_equal }} then 'equal'
        else 'differs'
    end
{%- endmacro %}

{# A code that says something: not unknown, not unmapped. #}
{% macro stated_code(code) -%}
    case when {{ code }} not in ('unknown', 'unmapped') then {{ code }} end
{%- endmacro %}

{# The months of a source's first day of one moment, in London. #}
{% macro month_of(day) -%}
    cast(date_trunc('month', {{ day }}) as date)
{%- endmacro %}

{#
    How far a share lies from what was to be expected, as the deviance of a binomial (McCullagh and
    Nelder 1989, page 34): chi-squared with one degree of freedom where the share is as expected.
#}
{% macro binomial_deviance(successes, trials, expected_share) -%}
    2 * (
        case
            when {{ successes }} > 0
                then {{ successes }} * ln({{ successes }} / ({{ trials }} * {{ expected_share }}))
            else 0
        end
        + case
            when {{ trials }} > {{ successes }}
                then ({{ trials }} - {{ successes }}) * ln(
                    ({{ trials }} - {{ successes }})
                    / ({{ trials }} * (1 - {{ expected_share }}))
                )
            else 0
        end
    )
{%- endmacro %}
