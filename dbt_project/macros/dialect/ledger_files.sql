{#
    Choose, when the model runs, the files of one name that landing wrote next to the data of the
    current deliveries. `where` must exclude deliveries without such a file.
#}
{% macro choose_ledger_files(file_name, where) -%}
    {{ return(adapter.dispatch('choose_ledger_files')(file_name, where)) }}
{%- endmacro %}

{% macro duckdb__choose_ledger_files(file_name, where) -%}
    set variable ledger_files = (
        select
            list_prepend(
                '{{ home_folder() }}/landing/schema/ledger/{{ file_name }}.parquet',
                coalesce(
                    list(
                        delivery_folder || '/{{ file_name }}.parquet'
                        order by delivery_id
                    ),
                    []
                )
            )
        from {{ ref('stg_ledger__deliveries') }}
        where is_current and {{ where }}
    )
{%- endmacro %}

{% macro spark__choose_ledger_files(file_name, where) -%}
    set variable ledger_files = (
        select path
        from (
            select
                '' as delivery_id,
                '{{ home_folder() }}/landing/schema/ledger/{{ file_name }}.parquet' as path,
            union all
            select
                delivery_id,
                delivery_folder || '/{{ file_name }}.parquet' as path,
            from {{ ref('stg_ledger__deliveries') }}
            where is_current and {{ where }}
        ) as files
        order by delivery_id
    )
{%- endmacro %}

{% macro read_ledger_files() -%}
    {{ return(adapter.dispatch('read_ledger_files')()) }}
{%- endmacro %}

{% macro duckdb__read_ledger_files() -%}
    read_parquet(getvariable('ledger_files'), union_by_name = true)
{%- endmacro %}

{% macro spark__read_ledger_files() -%}
    {{ return(duckdb__read_ledger_files()) }}
{%- endmacro %}

{#
    The number of rows of every landed file, read from the files' metadata. Folders that the ledger
    does not know are included. If the register is built as of an earlier time (`as_known_at`),
    deliveries received after it are left out.
#}
{% macro read_landed_row_counts() -%}
    {{ return(adapter.dispatch('read_landed_row_counts')()) }}
{%- endmacro %}

{#
    Only the first column's metadata is kept for each row group, because DuckDB holds the metadata
    of all files in memory at once. For ten years of deliveries of the whole nation, the metadata of
    all columns would take 1.6 GB. A file without rows has no row group.
#}
{% macro duckdb__read_landed_row_counts() -%}
    (
        select
            files.file_name,
            cast(coalesce(sum(found.row_group_num_rows), 0) as bigint) as num_rows,
        from (select unnest(getvariable('landed_data_files')) as file_name) as files
        left join parquet_metadata(getvariable('landed_data_files')) as found
            on files.file_name = found.file_name and found.column_id = 0
        group by files.file_name
    )
{%- endmacro %}

{% macro spark__read_landed_row_counts() -%}
    parquet_file_metadata(getvariable('landed_data_files'))
{%- endmacro %}

{% macro choose_landed_data_files() -%}
    {{ return(adapter.dispatch('choose_landed_data_files')()) }}
{%- endmacro %}

{% macro duckdb__choose_landed_data_files() -%}
    set variable landed_data_files = (
        select
            list_prepend(
                '{{ home_folder() }}/landing/schema/ledger/flags.parquet',
                coalesce(list(found.file order by found.file), [])
            )
        from glob('{{ home_folder() }}/landing/*/*/*.parquet') as found
        where
            split_part(found.file, '/', -3) not in ('schema', 'reference')
            and not starts_with(split_part(found.file, '/', -3), '.')
            and split_part(found.file, '/', -2) not in (
                select entries.delivery_id
                from {{ read_ledger_entries() }} as entries
                where
                    entries.received_at
                    > cast('{{ var("as_known_at") }}' as timestamp)
            )
    )
{%- endmacro %}

{% macro spark__choose_landed_data_files() -%}
    set variable landed_data_files = (
        select path
        from (
            select '{{ home_folder() }}/landing/schema/ledger/flags.parquet' as path
            union all
            select found.file as path
            from glob('{{ home_folder() }}/landing/*/*/*.parquet') as found
            where
                split_part(found.file, '/', -3) not in ('schema', 'reference')
                and not starts_with(split_part(found.file, '/', -3), '.')
                and split_part(found.file, '/', -2) not in (
                    select entries.delivery_id
                    from {{ read_ledger_entries() }} as entries
                    where
                        entries.received_at
                        > cast('{{ var("as_known_at") }}' as timestamp)
                )
        ) as files
    )
{%- endmacro %}

{# The folder name in a path, and the file name without its suffix. #}
{% macro path_folder_name(path) -%}
    {{ return(adapter.dispatch('path_folder_name')(path)) }}
{%- endmacro %}

{% macro duckdb__path_folder_name(path) -%}
    split_part({{ path }}, '/', -2)
{%- endmacro %}

{% macro spark__path_folder_name(path) -%}
    {{ return(duckdb__path_folder_name(path)) }}
{%- endmacro %}

{% macro path_file_stem(path) -%}
    {{ return(adapter.dispatch('path_file_stem')(path)) }}
{%- endmacro %}

{% macro duckdb__path_file_stem(path) -%}
    replace(split_part({{ path }}, '/', -1), '.parquet', '')
{%- endmacro %}

{% macro spark__path_file_stem(path) -%}
    {{ return(duckdb__path_file_stem(path)) }}
{%- endmacro %}
