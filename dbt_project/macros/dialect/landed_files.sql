{# Read the landed files: the only part of `landed()` that depends on the engine. #}
{% macro read_landed_files() -%}
    {{ return(adapter.dispatch('read_landed_files')()) }}
{%- endmacro %}

{% macro duckdb__read_landed_files() -%}
    read_parquet(getvariable('landed_files'), schema = getvariable('landed_schema'){{ parquet_key() }})
{%- endmacro %}

{% macro spark__read_landed_files() -%}
    read_parquet(getvariable('landed_files'), union_by_name = true)
{%- endmacro %}

{% macro choose_landed_files(feed, table, deliveries) -%}
    {{ return(adapter.dispatch('choose_landed_files')(feed, table, deliveries)) }}
{%- endmacro %}

{#
    An empty file with the columns of the contract comes first, so that the list is never empty and
    every column exists.
#}
{% macro duckdb__choose_landed_files(feed, table, deliveries) -%}
    {%- set empty = home_folder() ~ '/landing/schema/' ~ feed ~ '/' ~ table ~ '.parquet' -%}
    {{ set_columns('landed_schema', empty) }};
    set variable landed_files = (
        select
            list_prepend(
                '{{ empty }}',
                coalesce(
                    list(delivery_folder || '/{{ table }}.parquet' order by delivery_id), []
                )
            )
        from {{ deliveries }}
        where
            is_current
            and feed = '{{ feed }}'
            and list_contains(table_names, '{{ table }}')
    )
{%- endmacro %}

{% macro spark__choose_landed_files(feed, table, deliveries) -%}
    {%- set landing = home_folder() ~ '/landing' -%}
    set variable landed_files = (
        select path
        from (
            select
                '' as delivery_id,
                '{{ landing }}/schema/{{ feed }}/{{ table }}.parquet' as path,
            union all
            select
                delivery_id,
                delivery_folder || '/{{ table }}.parquet' as path,
            from {{ deliveries }}
            where
                is_current
                and feed = '{{ feed }}'
                and list_contains(table_names, '{{ table }}')
        ) as files
        order by delivery_id
    )
{%- endmacro %}
