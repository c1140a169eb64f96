{# The option with which DuckDB reads or writes Parquet files in an encrypted home. #}
{% macro parquet_key(sign=' =') -%}
    {%- set key_id = env_var('REGISTER_PARQUET_KEY_ID', '') -%}
    {%- if key_id -%}, encryption_config{{ sign }} {footer_key: '{{ key_id }}'}{%- endif -%}
{%- endmacro %}

{# Set a variable to the columns by which files are read; a file may lack some (nulls). #}
{% macro set_columns(variable, path) -%}
    set variable {{ variable }} = (
        select map_from_entries(list({k: column_name, v: {
            name: column_name, type: column_type, default_value: null
        }}))
        from (describe from read_parquet('{{ path }}'{{ parquet_key() }}))
    )
{%- endmacro %}
