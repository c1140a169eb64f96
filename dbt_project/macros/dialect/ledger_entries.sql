{# The ledger: the `delivery.json` files that landing writes, and the lists in them. #}
{% macro read_ledger_entries() -%}
    {{ return(adapter.dispatch('read_ledger_entries')()) }}
{%- endmacro %}

{# Selects no rows without deliveries, because DuckDB rejects a pattern that matches no file. #}
{% macro duckdb__read_ledger_entries() -%}
    {%- set entries = home_folder() ~ '/landing/*/*/delivery.json' -%}
    {%- set columns = {} -%}
    {%- for name in [
        'delivery_id', 'feed', 'supplier_code', 'period', 'content_hash', 'outcome',
        'reject_rule_code', 'layout_name', 'case_system', 'source_form',
        'code_version',
    ] -%}
        {%- do columns.update({name: 'varchar'}) -%}
    {%- endfor -%}
    {%- for name in [
        'file_count', 'received_row_count', 'landed_row_count', 'quarantined_row_count',
        'erased_row_count', 'flag_count',
    ] -%}
        {%- do columns.update({name: 'bigint'}) -%}
    {%- endfor -%}
    {%- do columns.update({
        'period_start': 'date',
        'period_end': 'date',
        'received_at': 'timestamp',
        'unknown_columns': 'varchar[]',
        'tables': 'struct(table_name varchar, file_name varchar, received_row_count bigint, '
            ~ 'landed_row_count bigint, quarantined_row_count bigint, '
            ~ 'erased_row_count bigint)[]',
    }) -%}
    {%- if file_exists(entries) -%}
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
        {{ no_rows(columns) }}
    {%- endif -%}
{%- endmacro %}

{% macro spark__read_ledger_entries() -%}
    {{ return(duckdb__read_ledger_entries()) }}
{%- endmacro %}

{#
    The history of held deliveries: from when, and by which rule, each is held. The rule is null
    once the delivery is no longer held.
#}
{% macro read_judgements() -%}
    {{ return(adapter.dispatch('read_judgements')()) }}
{%- endmacro %}

{% macro duckdb__read_judgements() -%}
    {%- set history = home_folder() ~ '/landing/holds.csv' -%}
    {%- set columns = {
        'judgement_number': 'bigint',
        'delivery_id': 'varchar',
        'known_from': 'timestamp',
        'hold_rule_code': 'varchar',
    } -%}
    {%- if file_exists(history) -%}
        read_csv('{{ history }}', header = true, columns = {{ columns }})
    {%- else -%}
        {{ no_rows(columns) }}
    {%- endif -%}
{%- endmacro %}

{% macro spark__read_judgements() -%}
    {{ return(duckdb__read_judgements()) }}
{%- endmacro %}

{# Whether an optional file exists in the home. True while dbt only parses. #}
{% macro file_exists(pattern) -%}
    {%- if execute -%}
        {{ return(
            run_query("select count(*) from glob('" ~ pattern ~ "')").columns[0].values()[0] > 0
        ) }}
    {%- endif -%}
    {{ return(true) }}
{%- endmacro %}

{% macro no_rows(columns) -%}
    (
        select
        {%- for name, type in columns.items() %}
            cast(null as {{ type }}) as {{ name }},
        {%- endfor %}
        where false
    )
{%- endmacro %}

{# One row per entry of a list column. #}
{% macro entry_rows(value) -%}
    {{ return(adapter.dispatch('entry_rows')(value)) }}
{%- endmacro %}

{% macro duckdb__entry_rows(value) -%}
    unnest({{ value }})
{%- endmacro %}

{% macro spark__entry_rows(value) -%}
    {{ return(duckdb__entry_rows(value)) }}
{%- endmacro %}

{% macro entry_field(entry, field) -%}
    {{ return(adapter.dispatch('entry_field')(entry, field)) }}
{%- endmacro %}

{% macro duckdb__entry_field(entry, field) -%}
    struct_extract({{ entry }}, '{{ field }}')
{%- endmacro %}

{% macro spark__entry_field(entry, field) -%}
    {{ entry }}.{{ field }}
{%- endmacro %}

{# The names of the tables that a delivery landed, to choose its files. #}
{% macro landed_table_names(tables) -%}
    {{ return(adapter.dispatch('landed_table_names')(tables)) }}
{%- endmacro %}

{% macro duckdb__landed_table_names(tables) -%}
    list_sort(list_distinct(list_transform({{ tables }}, lambda entry: entry.table_name)))
{%- endmacro %}

{% macro spark__landed_table_names(tables) -%}
    {{ return(duckdb__landed_table_names(tables)) }}
{%- endmacro %}

{% macro joined_text(value) -%}
    {{ return(adapter.dispatch('joined_text')(value)) }}
{%- endmacro %}

{% macro duckdb__joined_text(value) -%}
    array_to_string({{ value }}, '|')
{%- endmacro %}

{% macro spark__joined_text(value) -%}
    {{ return(duckdb__joined_text(value)) }}
{%- endmacro %}
