{#
    One table of every delivery that is neither rejected nor held, including superseded ones, to
    find when an identifier was first known. Call `choose_known_files` before the model runs. With
    `status='superseded'`, it chooses superseded deliveries only, to find records that were dropped.
#}
{% macro read_known_files(table) -%}
    {{ return(adapter.dispatch('read_known_files')(table)) }}
{%- endmacro %}

{% macro duckdb__read_known_files(table) -%}
    read_parquet(getvariable('known_{{ table }}'),
        schema = getvariable('known_schema_{{ table }}'){{ parquet_key() }})
{%- endmacro %}

{% macro spark__read_known_files(table) -%}
    read_parquet(getvariable('known_{{ table }}'), union_by_name = true)
{%- endmacro %}

{% macro choose_known_files(feed, table, status=none) -%}
    {{ return(adapter.dispatch('choose_known_files')(feed, table, status)) }}
{%- endmacro %}

{% macro duckdb__choose_known_files(feed, table, status) -%}
    {%- set empty = home_folder() ~ '/landing/schema/' ~ feed ~ '/' ~ table ~ '.parquet' -%}
    {{ set_columns('known_schema_' ~ table, empty) }};
    set variable known_{{ table }} = (
        select
            list_prepend(
                '{{ empty }}',
                coalesce(list(
                    {{ landing_folder('feed', 'delivery_id') }} || '/{{ table }}.parquet'
                    order by delivery_id
                ), [])
            )
        from {{ ref('stg_ledger__deliveries') }}
        where
            feed = '{{ feed }}'
            and outcome != 'rejected'
            and not is_held
            {{ "and status = '" ~ status ~ "'" if status }}
            and list_contains(table_names, '{{ table }}')
    )
{%- endmacro %}

{% macro spark__choose_known_files(feed, table, status) -%}
    set variable known_{{ table }} = (
        select path
        from (
            select
                '' as delivery_id,
                '{{ home_folder() }}/landing/schema/{{ feed }}/{{ table }}.parquet' as path,
            union all
            select
                delivery_id,
                {{ landing_folder('feed', 'delivery_id') }} || '/{{ table }}.parquet' as path,
            from {{ ref('stg_ledger__deliveries') }}
            where
                feed = '{{ feed }}'
                and outcome != 'rejected'
                and not is_held
                {{ "and status = '" ~ status ~ "'" if status }}
                and list_contains(table_names, '{{ table }}')
        ) as files
        order by delivery_id
    )
{%- endmacro %}
