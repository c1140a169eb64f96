{#
    Moments with a precision as intervals. A date `d`, held as local midnight in UTC, stands for
    [d 00:00, d+1 00:00) of London; a minute stands for itself.
#}
{% macro latest_moment(moment, precision) -%}
    case
        when {{ precision }} = 'date'
            then {{ london_to_utc(dbt.dateadd('day', 1, utc_to_london(moment))) }}
        else {{ moment }}
    end
{%- endmacro %}

{# Hours between two moments that are each known to lie between a lower and an upper bound. #}
{% macro moments_apart(event, one, other) -%}
    greatest(
        0,
        {{ hours_between(one ~ '.' ~ event ~ '_upper_at', other ~ '.' ~ event ~ '_lower_at') }},
        {{ hours_between(other ~ '.' ~ event ~ '_upper_at', one ~ '.' ~ event ~ '_lower_at') }}
    )
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

{#
    Hours from the end of one interval to the start of another; nought where they may meet. The
    widest reading: from the lower bound of the start to `meets_until_at`.
#}
{% macro gap_hours(one, other) -%}
    greatest(
        0,
        {{ hours_between(one ~ '.meets_until_at', other ~ '.start_lower_at') }},
        {{ hours_between(other ~ '.meets_until_at', one ~ '.start_lower_at') }}
    )
{%- endmacro %}

{#
    Whether two intervals overlap whatever their dates stand for. The narrowest reading: from the
    upper bound of the start to `sure_until_at`.
#}
{% macro certainly_overlaps(one, other) -%}
    greatest({{ one }}.start_upper_at, {{ other }}.start_upper_at)
    < least({{ one }}.sure_until_at, {{ other }}.sure_until_at)
{%- endmacro %}

{#
    Whether two intervals meet when a date is read as its first moment: what does not, and yet
    may meet, meets only because dates were widened to the whole day. An interval without an end
    goes on. The intervals are named by the beginnings of their columns.
#}
{% macro meets_unwidened(one, other) -%}
    (
        {{ one }}_start_lower_at
        <= coalesce({{ other }}_end_lower_at, {{ one }}_start_lower_at)
        and {{ other }}_start_lower_at
        <= coalesce({{ one }}_end_lower_at, {{ other }}_start_lower_at)
    )
{%- endmacro %}

{# The day in London on which a UTC moment falls. #}
{% macro london_date(moment) -%}
    cast({{ utc_to_london(moment) }} as date)
{%- endmacro %}

{# Hours from one moment to another, with their fraction. #}
{% macro hours_between(first_moment, last_moment) -%}
    ({{ seconds_between(first_moment, last_moment) }} / 3600.0)
{%- endmacro %}

{# The day on which an 18th birthday falls; who is born on 29 February attains it on 1 March. #}
{% macro eighteenth_birthday(birth_date) -%}
    cast(
        case
            when extract(month from {{ birth_date }}) = 2
                and extract(day from {{ birth_date }}) = 29
                then {{ dbt.dateadd('day', 6575, birth_date) }}
            else {{ dbt.dateadd('year', 18, birth_date) }}
        end as date
    )
{%- endmacro %}

{# Completed years of age on a day. #}
{% macro age_on(birth_date, day) -%}
    cast(
        extract(year from {{ day }}) - extract(year from {{ birth_date }})
        - case
            when extract(month from {{ day }}) * 100 + extract(day from {{ day }})
                < extract(month from {{ birth_date }}) * 100
                + extract(day from {{ birth_date }})
                then 1
            else 0
        end as integer
    )
{%- endmacro %}
