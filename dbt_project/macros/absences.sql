{#
    Absences: one or more reports of one child read as one time away. `reports` has the interval of
    every report (`start_lower_at` … `end_upper_at`), `group_column` says which belong together.
    It is open where a report without an end starts at or after the last end that is known.
#}
{% macro absence_bounds(reports, group_column) -%}
    select
        {{ group_column }},
        child_id_register,
        min(start_lower_at) as start_lower_at,
        min(start_upper_at) as start_upper_at,
        max(end_lower_at) as end_lower_at,
        max(end_upper_at) as end_upper_at,
        max(eighteenth_birthday_date) as eighteenth_birthday_date,
        coalesce(
            max(case when end_lower_at is null then start_lower_at end)
            >= max(end_lower_at),
            max(end_lower_at) is null
        ) as is_open,
    from {{ reports }}
    group by {{ group_column }}, child_id_register
{%- endmacro %}

{#
    Pairs of absences of one child in two sources that may be the same: their intervals meet, dates
    widened to the whole day. Each side has the columns of `absence_bounds` and an `absence_key`.
    An open absence ends, for this, with the next of its source or the 18th birthday, and meets
    only what starts within `open_hours` of its own start: a report that nobody closed would
    otherwise take in whatever follows. Needs the import CTE `tolerances`.
#}
{% macro absence_pairs(left_side, right_side, open_hours=72) -%}
    select
        left_side.absence_key as left_key,
        right_side.absence_key as right_key,
        {{ moments_apart('start', 'left_side', 'right_side') }}
        + case
            when left_side.is_open or right_side.is_open then 0
            else {{ moments_apart('end', 'left_side', 'right_side') }}
        end
        -- Of two that are as near as dates can tell, the one that starts nearer.
        + abs({{ hours_between(
            'left_side.start_lower_at', 'right_side.start_lower_at'
        ) }}) / 1000.0 as distance_hours,
        greatest(left_side.start_upper_at, right_side.start_upper_at)
        < least(left_side.sure_until_at, right_side.sure_until_at) as is_certain,
    from {{ left_side }} as left_side
    inner join {{ right_side }} as right_side
        on left_side.child_id_register = right_side.child_id_register
    inner join tolerances on tolerances.source = 'across'
    where
        {{ hours_between('left_side.meets_until_at', 'right_side.start_lower_at') }}
        <= tolerances.tolerance_hours
        and {{ hours_between('right_side.meets_until_at', 'left_side.start_lower_at') }}
        <= tolerances.tolerance_hours
        and (
            not (left_side.is_open or right_side.is_open)
            or {{ moments_apart('start', 'left_side', 'right_side') }} <= {{ open_hours }}
        )
{%- endmacro %}

{# Hours between two moments that are each known to lie between a lower and an upper bound. #}
{% macro moments_apart(event, one, other) -%}
    greatest(
        0,
        {{ hours_between(one ~ '.' ~ event ~ '_upper_at', other ~ '.' ~ event ~ '_lower_at') }},
        {{ hours_between(other ~ '.' ~ event ~ '_upper_at', one ~ '.' ~ event ~ '_lower_at') }}
    )
{%- endmacro %}

{# Absences with the two ends that comparing needs; `absences` is a CTE of `absence_bounds`. #}
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

{# Tolerances of merging in hours, for the import CTE `tolerances`. #}
{% macro merge_tolerances() -%}
    select
        source,
        tolerance * case unit when 'days' then 24 else 1 end as tolerance_hours,
    from {{ ref('ref__merge_tolerances') }}
{%- endmacro %}

{#
    Hours from one moment to another, each between bounds: nought where the bounds meet, above
    nought where the second is later. Null where a side is.
#}
{% macro signed_hours_apart(one, other) -%}
    case
        when {{ other }}_lower_at > {{ one }}_upper_at
            then {{ hours_between(one ~ '_upper_at', other ~ '_lower_at') }}
        when {{ one }}_lower_at > {{ other }}_upper_at
            then -{{ hours_between(other ~ '_upper_at', one ~ '_lower_at') }}
        when {{ one }}_lower_at is not null and {{ other }}_lower_at is not null then 0
    end
{%- endmacro %}
