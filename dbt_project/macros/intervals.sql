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
