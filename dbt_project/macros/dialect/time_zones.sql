{#
    Wall time in Europe/London to UTC, both without a zone. The hour that the clocks repeat in
    October is read as the second one (GMT); a wall time that the clocks skip in March is read as
    if they had not been put forward.
#}
{% macro london_to_utc(value) -%}
    {{ return(adapter.dispatch('london_to_utc')(value)) }}
{%- endmacro %}

{% macro duckdb__london_to_utc(value) -%}
    timezone('UTC', timezone('Europe/London', {{ value }}))
{%- endmacro %}

{#
    Spark reads the repeated hour as the first one. If the time an hour later has the same wall
    time, it is the second one and is used instead.
#}
{% macro spark__london_to_utc(value) -%}
    cast(
        case
            when
                from_utc_timestamp(
                    to_utc_timestamp({{ value }}, 'Europe/London') + interval 1 hour,
                    'Europe/London'
                ) = {{ value }}
                then to_utc_timestamp({{ value }}, 'Europe/London') + interval 1 hour
            else to_utc_timestamp({{ value }}, 'Europe/London')
        end as timestamp
    )
{%- endmacro %}

{% macro utc_to_london(value) -%}
    {{ return(adapter.dispatch('utc_to_london')(value)) }}
{%- endmacro %}

{% macro duckdb__utc_to_london(value) -%}
    timezone('Europe/London', timezone('UTC', {{ value }}))
{%- endmacro %}

{% macro spark__utc_to_london(value) -%}
    cast(from_utc_timestamp({{ value }}, 'Europe/London') as timestamp)
{%- endmacro %}
