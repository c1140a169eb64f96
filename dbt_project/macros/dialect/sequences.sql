{# Macros that turn a value into rows: days of a span, parts of a text or items of a list. #}
{% macro days_between(first_day, last_day) -%}
    {{ return(adapter.dispatch('days_between')(first_day, last_day)) }}
{%- endmacro %}

{% macro duckdb__days_between(first_day, last_day) -%}
    select cast(day_moment as date) as date_day
    from generate_series(
        {{ first_day }}, {{ last_day }}, interval 1 day
    ) as days (day_moment)
{%- endmacro %}

{% macro spark__days_between(first_day, last_day) -%}
    select
        explode(
            case
                when {{ first_day }} <= {{ last_day }}
                    then sequence({{ first_day }}, {{ last_day }}, interval 1 day)
                else array()
            end
        ) as date_day
{%- endmacro %}

{# One row per part of a `|`-joined text: none for a null, one for an empty text. #}
{% macro split_parts(value) -%}
    {{ return(adapter.dispatch('split_parts')(value)) }}
{%- endmacro %}

{% macro duckdb__split_parts(value) -%}
    unnest(string_split({{ value }}, '|'))
{%- endmacro %}

{% macro spark__split_parts(value) -%}
    {{ return(duckdb__split_parts(value)) }}
{%- endmacro %}

{# One row per item of a list; an empty or missing list gives no row. #}
{% macro items_of(value) -%}
    {{ return(adapter.dispatch('items_of')(value)) }}
{%- endmacro %}

{% macro duckdb__items_of(value) -%}
    unnest({{ value }})
{%- endmacro %}

{% macro spark__items_of(value) -%}
    {{ return(duckdb__items_of(value)) }}
{%- endmacro %}

{#
    One row per position of several lists of equal length, in a select list. `lists` maps the name
    of each column to its items.
#}
{% macro zipped_rows(lists) -%}
    {{ return(adapter.dispatch('zipped_rows')(lists)) }}
{%- endmacro %}

{% macro duckdb__zipped_rows(lists) -%}
    {%- for name, items in lists.items() %}
    unnest([{{ items | join(', ') }}]) as {{ name }}
        {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}

{% macro spark__zipped_rows(lists) -%}
    {%- set names = lists.keys() | list -%}
    inline(array(
    {%- for position in range(lists[names[0]] | length) %}
        named_struct(
        {%- for name in names %}
            '{{ name }}', {{ lists[name][position] }}{{ ',' if not loop.last }}
        {%- endfor %}
        ){{ ',' if not loop.last }}
    {%- endfor %}
    ))
{%- endmacro %}
