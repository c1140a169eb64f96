{#
    Choose, when the model runs, the files of one name that landing wrote next to the data of the
    current deliveries. `where` must exclude deliveries without such a file.
#}
{% macro choose_ledger_files(file_name, where) -%}
    {{ return(adapter.dispatch('choose_ledger_files')(file_name, where)) }}
{%- endmacro %}

{% macro duckdb__choose_ledger_files(file_name, where) -%}
    {%- set empty = home_folder() ~ '/landing/schema/ledger/' ~ file_name ~ '.parquet' -%}
    {{ set_columns('ledger_schema', empty) }};
    set variable ledger_files = (
        select
            list_prepend(
                '{{ empty }}',
                coalesce(
                    list(delivery_folder || '/{{ file_name }}.parquet' order by delivery_id), []
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
    read_parquet(getvariable('ledger_files'), schema = getvariable('ledger_schema'){{ parquet_key() }})
{%- endmacro %}

{% macro spark__read_ledger_files() -%}
    read_parquet(getvariable('ledger_files'), union_by_name = true)
{%- endmacro %}

{#
    The number of rows of every landed file. Folders that the ledger
    does not know are included. If the register is built as of an earlier time (`as_known_at`),
    deliveries received after it are left out.
#}
{% macro read_landed_row_counts() -%}
    {{ return(adapter.dispatch('read_landed_row_counts')()) }}
{%- endmacro %}

{#
    Rows are counted, because DuckDB reads no metadata of encrypted files. The tables have only
    lineage columns in common. A file without rows is in the list of files alone.
#}
{% macro duckdb__read_landed_row_counts() -%}
    (
        select files.file_name, coalesce(found.num_rows, 0) as num_rows,
        from (select unnest(getvariable('landed_data_files')) as file_name) as files
        left join (
            select filename, count(*) as num_rows
            from read_parquet(
                getvariable('landed_data_files'),
                filename = true,
                schema = map {'_file': {name: '_file', type: 'varchar', default_value: null}}
                {{- parquet_key() }}
            )
            group by filename
        ) as found on files.file_name = found.filename
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
