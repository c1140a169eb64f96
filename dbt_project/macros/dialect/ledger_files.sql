{#
    Reading the ledger (the set of `delivery.json`), what landing set aside, the decision files and
    the reference file of postcodes. The only part of staging, besides `landed()`, that knows the
    engine and where things lie in a home.
#}
{% macro home_folder() -%}
    {{ env_var('REGISTER_HOME') }}
{%- endmacro %}

{% macro read_ledger_entries() -%}
    {{ return(adapter.dispatch('read_ledger_entries')()) }}
{%- endmacro %}

{# An engine that refuses a pattern with no file is asked for no rows in a home with no delivery. #}
{% macro duckdb__read_ledger_entries() -%}
    {%- set entries = home_folder() ~ '/landing/*/*/delivery.json' -%}
    {%- set columns = ledger_entry_columns() -%}
    {%- set count = 1 -%}
    {%- if execute -%}
        {%- set count = run_query(
            "select count(*) from glob('" ~ entries ~ "')"
        ).columns[0].values()[0] -%}
    {%- endif -%}
    {%- if count -%}
        read_json(
            '{{ entries }}',
            format = 'auto',
            maximum_object_size = 67108864,
            columns = {
            {%- for name, type in columns.items() %}
                {{ name }}: '{{ type }}'{{ ',' if not loop.last }}
            {%- endfor %}
            }
        )
    {%- else -%}
        (
            select
            {%- for name, type in columns.items() %}
                cast(null as {{ type }}) as {{ name }},
            {%- endfor %}
            where false
        )
    {%- endif -%}
{%- endmacro %}

{% macro ledger_entry_columns() -%}
    {%- set columns = {} -%}
    {%- for name in [
        'delivery_id', 'feed', 'supplier_code', 'period', 'content_hash', 'outcome',
        'reject_rule_code', 'hold_rule_code', 'layout_name', 'case_system', 'source_form',
        'code_version',
    ] -%}
        {%- do columns.update({name: 'varchar'}) -%}
    {%- endfor -%}
    {%- for name in [
        'file_count', 'received_row_count', 'landed_row_count', 'quarantined_row_count',
        'flag_count',
    ] -%}
        {%- do columns.update({name: 'bigint'}) -%}
    {%- endfor -%}
    {%- do columns.update({
        'period_start': 'date',
        'period_end': 'date',
        'received_at': 'timestamp',
        'is_held': 'boolean',
        'unknown_columns': 'varchar[]',
        'tables': 'struct(table_name varchar, file_name varchar, received_row_count bigint, '
            ~ 'landed_row_count bigint, quarantined_row_count bigint)[]',
    }) -%}
    {{ return(columns) }}
{%- endmacro %}

{# One row per entry of a list column. #}
{% macro list_rows(value) -%}
    {{ return(adapter.dispatch('list_rows')(value)) }}
{%- endmacro %}

{% macro duckdb__list_rows(value) -%}
    unnest({{ value }})
{%- endmacro %}

{# A field of an entry of a list column. #}
{% macro list_entry_field(entry, field) -%}
    {{ return(adapter.dispatch('list_entry_field')(entry, field)) }}
{%- endmacro %}

{% macro duckdb__list_entry_field(entry, field) -%}
    struct_extract({{ entry }}, '{{ field }}')
{%- endmacro %}

{# The names of the tables that a delivery landed, for choosing files. #}
{% macro landed_table_names(tables) -%}
    {{ return(adapter.dispatch('landed_table_names')(tables)) }}
{%- endmacro %}

{% macro duckdb__landed_table_names(tables) -%}
    list_sort(list_distinct(list_transform({{ tables }}, lambda entry: entry.table_name)))
{%- endmacro %}

{% macro joined_text(value) -%}
    {{ return(adapter.dispatch('joined_text')(value)) }}
{%- endmacro %}

{% macro duckdb__joined_text(value) -%}
    array_to_string({{ value }}, '|')
{%- endmacro %}

{#
    Chooses, when the model runs, the files of one kind that landing wrote beside the data of the
    current deliveries. `where` keeps the deliveries that have none out of the list.
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
        from {{ ref('stg_ledger__deliveries_current') }}
        where {{ where }}
    )
{%- endmacro %}

{% macro read_ledger_files() -%}
    {{ return(adapter.dispatch('read_ledger_files')()) }}
{%- endmacro %}

{% macro duckdb__read_ledger_files() -%}
    read_parquet(getvariable('ledger_files'), union_by_name = true)
{%- endmacro %}

{#
    What the landed files really hold, read from their own metadata: file and number of rows of
    every table of every delivery that landed, whatever the ledger says of it.
#}
{% macro read_landed_row_counts() -%}
    {{ return(adapter.dispatch('read_landed_row_counts')()) }}
{%- endmacro %}

{% macro duckdb__read_landed_row_counts() -%}
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
        inner join {{ ref('stg_ledger__deliveries') }} as deliveries
            on
                deliveries.delivery_id = split_part(found.file, '/', -2)
                and deliveries.feed = split_part(found.file, '/', -3)
    )
{%- endmacro %}

{# The names of the folder and of the file in a path, without the file's suffix. #}
{% macro path_folder_name(path) -%}
    {{ return(adapter.dispatch('path_folder_name')(path)) }}
{%- endmacro %}

{% macro duckdb__path_folder_name(path) -%}
    split_part({{ path }}, '/', -2)
{%- endmacro %}

{% macro path_file_stem(path) -%}
    {{ return(adapter.dispatch('path_file_stem')(path)) }}
{%- endmacro %}

{% macro duckdb__path_file_stem(path) -%}
    replace(split_part({{ path }}, '/', -1), '.parquet', '')
{%- endmacro %}

{% macro read_decisions(file_name, columns) -%}
    {{ return(adapter.dispatch('read_decisions')(file_name, columns)) }}
{%- endmacro %}

{% macro duckdb__read_decisions(file_name, columns) -%}
    read_csv(
        '{{ home_folder() }}/decisions/{{ file_name }}',
        header = true,
        delim = ',',
        quote = '"',
        escape = '"',
        columns = {
        {%- for name in columns %}
            '{{ name }}': 'varchar'{{ ',' if not loop.last }}
        {%- endfor %}
        }
    )
{%- endmacro %}

{% macro read_reference(name) -%}
    {{ return(adapter.dispatch('read_reference')(name)) }}
{%- endmacro %}

{% macro duckdb__read_reference(name) -%}
    read_parquet('{{ home_folder() }}/landing/reference/{{ name }}.parquet')
{%- endmacro %}

{# Where a delivery lies in a home, as text for the list of files to read. #}
{% macro landing_folder(feed, delivery_id) -%}
    '{{ home_folder() }}/landing/' || {{ feed }} || '/' || {{ delivery_id }}
{%- endmacro %}
