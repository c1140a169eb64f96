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

{% macro spark__read_key_log() -%}
    {{ return(duckdb__read_key_log()) }}
{%- endmacro %}

{#
    The id of the generation that is being built. It lies in the folder of the build and is read
    when the model runs: a variable that changes with each load would make dbt parse all again.
#}
{% macro building_generation_id() -%}
    {{ return(adapter.dispatch('building_generation_id')()) }}
{%- endmacro %}

{% macro duckdb__building_generation_id() -%}
    (
        select trim(file.content)
        from read_text('{{ env_var("REGISTER_GENERATION") }}/generation_id') as file
    )
{%- endmacro %}

{% macro spark__building_generation_id() -%}
    {{ return(duckdb__building_generation_id()) }}
{%- endmacro %}
