{#
    Moments with a precision, as intervals: a date `d`, kept as local midnight in UTC, means
    [d 00:00, d+1 00:00) of London; a minute means itself. The functions:

    - `latest_moment`: the upper bound of a moment with a precision;
    - `earliest_moment`: its lower bound: an hour earlier in the hour that the clocks repeat in
      October, of which the wall time does not say which one it was;
    - `is_local_midnight`: whether a moment is 00:00 in London, which systems write for a date;
    - `latest_clock_moment`: `latest_moment`, with such a midnight read as its whole day;
    - `hours_between`: hours from one moment to another, with their fraction;
    - `hours_apart`: hours between two moments that are each known between bounds, 0 if the bounds
      overlap; a missing bound is ignored;
    - `signed_hours_apart`: the same, negative if the second is earlier, null where a side is;
    - `london_date`: the day in London on which a UTC moment falls;
    - `eighteenth_birthday`: its day, 1 March for a birth on 29 February;
    - `age_on`: completed years of age on a day;
    - `moment_rank`: how well a source tells an event, the least is best: to the minute by the
      police, by an authority; by date, likewise; 5 where it is late.
#}
{% macro interval_functions() -%}
    {%- set bounds = ['one_lower_at', 'one_upper_at', 'other_lower_at', 'other_upper_at'] -%}
    {% call database_function('latest_moment', ['moment', 'precision_code']) %}
        case
            when precision_code = 'date'
                then {{ london_to_utc(dbt.dateadd('day', 1, utc_to_london('moment'))) }}
            else moment
        end
    {% endcall %}
    {% call database_function('earliest_moment', ['moment']) %}
        case
            when
                {{ utc_to_london(dbt.dateadd('hour', -1, 'moment')) }}
                = {{ utc_to_london('moment') }}
                then {{ dbt.dateadd('hour', -1, 'moment') }}
            else moment
        end
    {% endcall %}
    {% call database_function('is_local_midnight', ['moment']) %}
        {{ utc_to_london('moment') }}
        = cast(cast({{ utc_to_london('moment') }} as date) as timestamp)
    {% endcall %}
    {% call database_function('latest_clock_moment', ['moment', 'precision_code']) %}
        latest_moment(
            moment, case when is_local_midnight(moment) then 'date' else precision_code end
        )
    {% endcall %}
    {% call database_function('moment_rank', ['is_late', 'source', 'precision_code', 'moment']) %}
        case
            when is_late then 5
            else
                case when source = 'police' then 1 else 2 end
                + case
                    when precision_code = 'minute' and not is_local_midnight(moment) then 0
                    else 2
                end
        end
    {% endcall %}
    {% call database_function('hours_between', ['first_moment', 'last_moment']) %}
        {{ seconds_between('first_moment', 'last_moment') }} / 3600.0
    {% endcall %}
    {% call database_function('hours_apart', bounds) %}
        greatest(
            0,
            hours_between(one_upper_at, other_lower_at),
            hours_between(other_upper_at, one_lower_at)
        )
    {% endcall %}
    {% call database_function('signed_hours_apart', bounds) %}
        case
            when other_lower_at > one_upper_at
                then hours_between(one_upper_at, other_lower_at)
            when one_lower_at > other_upper_at
                then -hours_between(other_upper_at, one_lower_at)
            when one_lower_at is not null and other_lower_at is not null then 0
        end
    {% endcall %}
    {% call database_function('london_date', ['moment']) %}
        cast({{ utc_to_london('moment') }} as date)
    {% endcall %}
    {% call database_function('eighteenth_birthday', ['birth_date']) %}
        cast(
            case
                when extract(month from birth_date) = 2 and extract(day from birth_date) = 29
                    then {{ dbt.dateadd('day', 6575, 'birth_date') }}
                else {{ dbt.dateadd('year', 18, 'birth_date') }}
            end as date
        )
    {% endcall %}
    {% call database_function('age_on', ['birth_date', 'day']) %}
        cast(
            extract(year from day) - extract(year from birth_date)
            - case
                when extract(month from day) * 100 + extract(day from day)
                    < extract(month from birth_date) * 100 + extract(day from birth_date)
                    then 1
                else 0
            end as integer
        )
    {% endcall %}
{%- endmacro %}

{# The day of a moment in London, of a midnight the day that it ends. #}
{% macro day_before(moment) -%}
    london_date({{ dbt.dateadd('second', -1, moment) }})
{%- endmacro %}

{# Hours between the `event` of two intervals (`start`, `end`), each named by its relation. #}
{% macro moments_apart(event, one, other) -%}
    hours_apart(
        {{ one }}.{{ event }}_lower_at,
        {{ one }}.{{ event }}_upper_at,
        {{ other }}.{{ event }}_lower_at,
        {{ other }}.{{ event }}_upper_at
    )
{%- endmacro %}

{#
    Hours from the end of one interval to the start of another; 0 if they may overlap. The widest
    reading: from the lower bound of the start to `meets_until_at`.
#}
{% macro gap_hours(one, other) -%}
    hours_apart(
        {{ one }}.start_lower_at,
        {{ one }}.meets_until_at,
        {{ other }}.start_lower_at,
        {{ other }}.meets_until_at
    )
{%- endmacro %}

{#
    Whether two intervals overlap wherever in their bounds they start and end. The narrowest
    reading: from the upper bound of the start to `sure_until_at`.
#}
{% macro certainly_overlaps(one, other) -%}
    greatest({{ one }}.start_upper_at, {{ other }}.start_upper_at)
    < least({{ one }}.sure_until_at, {{ other }}.sure_until_at)
{%- endmacro %}

{#
    Whether two intervals overlap when a date is read as its first moment. If not, and yet they may
    overlap, that is only because dates were widened to the whole day. An interval without an end
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
