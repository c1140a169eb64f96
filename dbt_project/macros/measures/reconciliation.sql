{# The bases of figures: by the rules, whatever the care status, by the return. #}
{% macro figure_bases() -%}
    {{ return(['register', 'any_care', 'return']) }}
{%- endmacro %}

{# Children who were away at the end of 31 March; the return does not show its own. #}
{% macro year_end_figures(open_absences) -%}
    select
        authority_code_dfe,
        collection_year,
        category_authority_code || '_at_year_end_children' as measure_code,
        count(
            distinct case
                when care_status_code = 'looked_after' then child_id_register
            end
        ) as register_figure,
        count(distinct child_id_register) as any_care_figure,
        cast(null as bigint) as return_figure,
    from {{ open_absences }}
    group by authority_code_dfe, collection_year, category_authority_code
{%- endmacro %}

{# What a published figure is compared as: 'low' and 'k' are figures that rounding makes 0. #}
{% macro comparable_figure(figure, symbol) -%}
    case when {{ symbol }} in ('low', 'k') then 0.0 else {{ figure }} end
{%- endmacro %}

{#
    Whether a figure lies where the published one can have been rounded from, or no further than
    `more` beyond it. Null without either.
#}
{% macro agrees_within_rounding(figure, more='0') -%}
    abs({{ figure }} - compared_figure) <= rounding_unit / 2 + {{ more }} + 1e-9
{%- endmacro %}

{# The first reason that shows for a row of the CTE `compared`; null where the two agree. #}
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

{# What an authority had missing or away on 31 March, without what another authority reported. #}
{% macro absences_open_at_year_end() -%}
    select
        *,
        {{ function('collection_year_of') }}(as_of_date) as collection_year
    from {{ ref('int_open_absences') }}
    where
        category_authority_code in ('missing', 'away')
        and not coalesce(is_reported_by_other_authority, false)
        and extract(month from as_of_date) = 3
        and extract(day from as_of_date) = 31
{%- endmacro %}

{#
    Missing and away absences of statutory returns, by the year of their start: also of adults, whom
    the department counts with what a return says, but not what cannot have been.
#}
{% macro returned_reports() -%}
    select
        *,
        {{ function('collection_year_of') }}(start_date) as collection_year
    from {{ ref('int_report_intervals') }}
    where
        feed = 'authority_return'
        and category_code in ('missing', 'away')
        and start_date is not null
        and coalesce(episode_exclusion_reason, 'adult_at_start') = 'adult_at_start'
{%- endmacro %}
