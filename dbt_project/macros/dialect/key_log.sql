{#
    Reading the key log: every published generation's crosswalk of mentions and children, one file
    each. It is the one thing that a rebuild does not make again.
#}
{% macro read_key_log() -%}
    {{ return(adapter.dispatch('read_key_log')()) }}
{%- endmacro %}

{# An engine that refuses a pattern with no file is asked for no rows before the first log. #}
{% macro duckdb__read_key_log() -%}
    {%- set logs = home_folder() ~ '/published/keys/*.parquet' -%}
    {%- set count = 1 -%}
    {%- if execute -%}
        {%- set count = run_query(
            "select count(*) from glob('" ~ logs ~ "')"
        ).columns[0].values()[0] -%}
    {%- endif -%}
    {%- if count -%}
        read_parquet('{{ logs }}', filename = true)
    {%- else -%}
        (
            select
                cast(null as varchar) as mention_id_register,
                cast(null as varchar) as child_id_register,
                cast(null as varchar) as filename,
            where false
        )
    {%- endif -%}
{%- endmacro %}
