{#
    Cross-database macros of dbt, written for Spark with functions that `engines/spark` translates.
    The versions in dbt-spark do not use these functions, and count only whole seconds.
#}
{% macro spark__dateadd(datepart, interval, from_date_or_timestamp) -%}
    (
        {{ from_date_or_timestamp }}
        + cast({{ interval }} as bigint) * interval 1 {{ datepart }}
    )
{%- endmacro %}

{% macro spark__split_part(string_text, delimiter_text, part_number) -%}
    split_part({{ string_text }}, {{ delimiter_text }}, {{ part_number }})
{%- endmacro %}

{% macro spark__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
    string_agg({{ measure }}, {{ delimiter_text }} {{ order_by_clause or '' }})
{%- endmacro %}

{# DuckDB reads the seeds for Spark too, so that each value has the same type on both engines. #}
{% macro spark__create_csv_table(model, agate_table) -%}
    {{ return('') }}
{%- endmacro %}

{% macro spark__reset_csv_table(model, full_refresh, old_relation, agate_table) -%}
    {{ return('') }}
{%- endmacro %}

{% macro spark__load_csv_rows(model, agate_table) -%}
    {%- set types = model['config'].get('column_types', {}) -%}
    {%- set path = model['root_path'] ~ '/' ~ model['original_file_path'] -%}
    {%- set sql -%}
        copy {{ this }} from '{{ path }}'
        (format csv, header true, delimiter '{{ config.get('delimiter', ',') }}');
        create table {{ this }} (
        {%- for name in agate_table.column_names %}
            {{ name }} {{ types.get(name, adapter.convert_type(agate_table, loop.index0)) }}
            {{- ',' if not loop.last }}
        {%- endfor %}
        )
    {%- endset -%}
    {%- do adapter.add_query(sql, abridge_sql_log=True) -%}
    {{ return(sql) }}
{%- endmacro %}
