{# The bases of figures: the department's rules, children in care or not, and the return alone. #}
{% macro figure_bases() -%}
    {{ return(['register', 'any_care', 'return']) }}
{%- endmacro %}

{#
    The number to use for a published figure in comparisons: 0 for the symbols 'low' and 'k', which
    mean that a figure was rounded to 0.
#}
{% macro comparable_figure(figure, symbol) -%}
    case when {{ symbol }} in ('low', 'k') then 0.0 else {{ figure }} end
{%- endmacro %}

{#
    Whether a figure differs from the published one by at most half a rounding unit plus `more`.
    Null if either figure is missing.
#}
{% macro agrees_within_rounding(figure, more='0') -%}
    abs({{ figure }} - compared_figure) <= rounding_unit / 2 + {{ more }} + 1e-9
{%- endmacro %}

{# The first reason that applies to a row of the CTE `compared`. Null if its figures agree. #}
{% macro reconciliation_reason() -%}
    case
        when published_symbol_code = 'z' and not coalesce(is_in_being, true)
            then 'authority_not_in_being'
        when published_symbol_code = 'z' then 'not_applicable'
        when published_symbol_code = 'c' then 'suppressed'
        when published_symbol_code not in ('low', 'k') then 'not_available'
        when compared_figure is null then 'not_published'
        when full_year_count + part_year_count = 0 then 'nothing_delivered'
        when is_equal_within_rounding then null
        when full_year_count + part_year_count < authority_count
            then 'authorities_not_delivered'
        when part_year_count > 0 then 'part_year_delivered'
        when {{ agrees_within_rounding('return_figure') }} then 'return_differs_from_extract'
        when {{ agrees_within_rounding('any_care_figure') }} then 'care_not_established'
        when
            carried_in_count > 0
            and {{ agrees_within_rounding('(register_figure + carried_in_count)') }}
            then 'over_year_end'
        when
            flagged_row_count > 0
            and measure_code != 'looked_after_children'
            and (
                {{ agrees_within_rounding('register_figure', 'flagged_row_count') }}
                or {{ agrees_within_rounding('return_figure', 'flagged_row_count') }}
            )
            then 'rows_that_break_rules'
        when statistic_code != 'count' then 'follows_its_parts'
        else 'unexplained'
    end
{%- endmacro %}

{# Absences that the authority recorded as missing or away, open or possibly open on 31 March. #}
{% macro absences_open_at_year_end(open_absences) -%}
    select
        *,
        {{ function('collection_year_of') }}(as_of_date) as collection_year
    from {{ open_absences }}
    where
        category_authority_code in ('missing', 'away')
        and not coalesce(is_reported_by_other_authority, false)
        and extract(month from as_of_date) = 3
        and extract(day from as_of_date) = 31
{%- endmacro %}

{#
    Missing and away absences of statutory returns, by the year of their start. Adults are included,
    because the department counts whatever a return says. Impossible absences are left out.
#}
{% macro returned_reports(intervals) -%}
    select
        *,
        {{ function('collection_year_of') }}(start_date) as collection_year
    from {{ intervals }}
    where
        feed = 'authority_return'
        and category_code in ('missing', 'away')
        and start_date is not null
        and coalesce(episode_exclusion_reason, 'adult_at_start') = 'adult_at_start'
{%- endmacro %}
