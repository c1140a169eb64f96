{#
    Merge reports into absences: one row per value of `group_column`, which says which reports
    belong together. `reports` has the interval of each report (`start_lower_at` … `end_upper_at`).
    An absence is open if no report has an end, or if a report without an end starts at or after the
    last known end. `slack_hours` is the entry delay: how much later than the event a supplier may
    have entered it.
#}
{% macro absence_bounds(reports, group_column, slack_hours='0.0') -%}
    select
        {{ group_column }},
        child_id_register,
        min(start_lower_at) as start_lower_at,
        min(start_upper_at) as start_upper_at,
        max(end_lower_at) as end_lower_at,
        max(end_upper_at) as end_upper_at,
        max(eighteenth_birthday_date) as eighteenth_birthday_date,
        max(case when category_code = 'missing' then 1 else 0 end) = 1 as is_missing,
        coalesce(max({{ slack_hours }}), 0.0) as slack_hours,
        coalesce(
            max(case when end_lower_at is null then start_lower_at end)
            >= max(end_lower_at),
            max(end_lower_at) is null
        ) as is_open,
    from {{ reports }}
    group by {{ group_column }}, child_id_register
{%- endmacro %}

{#
    Pairs of absences of one child, one from each source, that may be the same absence. Each side
    has the columns of `comparable_absences`. With dates widened to whole days, the two intervals
    overlap or lie at most a certain number of hours apart: `widest_hours` or, if it is longer, the
    pair's entry delay. An open absence is paired only if the starts differ by at most this number
    plus the cost of leaving both unmatched (`parameters.unmatched_cost_hours`). Otherwise a report
    that was never closed would absorb every later absence. Needs the import CTE `parameters`. The
    Python package `register.episodes` then chooses among the pairs.
#}
{% macro absence_pairs(left_side, right_side, widest_hours) -%}
    {%- set slack = pair_slack_hours('left_side', 'right_side') -%}
    {%- set reach = 'greatest(' ~ widest_hours ~ ', ' ~ slack ~ ')' -%}
    select
        left_side.absence_key as left_key,
        right_side.absence_key as right_key,
        left_side.child_id_register,
        {{ gap_hours('left_side', 'right_side') }} as gap_hours,
        {{ moments_apart('start', 'left_side', 'right_side') }} as start_apart_hours,
        case
            when left_side.is_open or right_side.is_open then 0.0
            else {{ moments_apart('end', 'left_side', 'right_side') }}
        end as end_apart_hours,
        abs({{ function('hours_between') }}(left_side.start_lower_at, right_side.start_lower_at)) as start_between_hours,
        {{ certainly_overlaps('left_side', 'right_side') }} as is_certain,
        cast({{ slack }} as double) as slack_hours,
        left_side.is_missing = right_side.is_missing as is_category_equal,
    from {{ left_side }} as left_side
    inner join {{ right_side }} as right_side
        on left_side.child_id_register = right_side.child_id_register
    cross join parameters
    where
        {{ gap_hours('left_side', 'right_side') }} <= {{ reach }}
        and (
            not (left_side.is_open or right_side.is_open)
            or {{ moments_apart('start', 'left_side', 'right_side') }}
            <= parameters.unmatched_cost_hours + {{ reach }}
        )
{%- endmacro %}

{#
    The entry delay of a pair of absences. Only the delay of an absence that may be the later one
    counts, because nothing is entered before it happens.
#}
{% macro pair_slack_hours(one, other) -%}
    greatest(
        case when {{ one }}.start_upper_at >= {{ other }}.start_lower_at
            then {{ one }}.slack_hours else 0.0 end,
        case when {{ other }}.start_upper_at >= {{ one }}.start_lower_at
            then {{ other }}.slack_hours else 0.0 end
    )
{%- endmacro %}

{#
    Absences with the two ends used in comparisons: `meets_until_at` is the latest possible end, and
    `sure_until_at` the earliest possible end. `absences` has the columns of `absence_bounds` and an
    `absence_key`. An absence without an end may last until the child's next start or 18th birthday.
#}
{% macro comparable_absences(absences, partition_columns) -%}
    select
        *,
        case
            when not is_open then end_upper_at
            else least(
                coalesce(
                    lead(start_lower_at) over by_start,
                    cast('9999-12-31' as timestamp)
                ),
                coalesce(
                    cast(eighteenth_birthday_date as timestamp),
                    cast('9999-12-31' as timestamp)
                )
            )
        end as meets_until_at,
        case when is_open then start_upper_at else end_lower_at end as sure_until_at,
    from {{ absences }}
    window by_start as (
        partition by {{ partition_columns }} order by start_lower_at, absence_key
    )
{%- endmacro %}

{# Exclusion reasons of reports that cannot be right. Such a report is in no episode. #}
{% macro impossible_reasons() -%}
    {{ return(['before_birth', 'in_future', 'outside_years']) }}
{%- endmacro %}

{# Tolerances in hours, by source or between sources (`across…`): the import CTE `tolerances`. #}
{% macro merge_tolerances(tolerances) -%}
    select
        source,
        tolerance * case unit when 'days' then 24 else 1 end as tolerance_hours,
    from {{ tolerances }}
{%- endmacro %}

{# The parameters of matching, in one row: the import CTE `parameters`. #}
{% macro episode_parameters(parameters, tolerances) -%}
    select
        max(case parameter_code when 'unmatched_cost' then value end)
            as unmatched_cost_hours,
        (
            select max(tolerance_hours)
            from ({{ merge_tolerances(tolerances) }}) as tolerances
            where source = 'across'
        ) as across_hours,
    from {{ parameters }}
{%- endmacro %}

{# Parameters of `int_report_bounds` and `int_entry_delays`, in one row: the CTE `parameters`. #}
{% macro episode_bound_parameters(parameters) -%}
    select
        {%- for code, name in {
            'entry_delay_most': 'entry_delay_most_hours',
            'late_hours': 'late_hours',
            'late_count': 'late_count',
            'late_share': 'late_share',
        }.items() %}
        max(case parameter_code when '{{ code }}' then value end) as {{ name }},
        {%- endfor %}
    from {{ parameters }}
{%- endmacro %}
