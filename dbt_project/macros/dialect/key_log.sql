{#
    The key log: one file per published generation, with the child of each mention. A rebuild reads
    the log but cannot recreate it.
#}
{% macro read_key_log() -%}
    {{ return(adapter.dispatch('read_key_log')()) }}
{%- endmacro %}

{# Selects no rows while there is no log, because DuckDB rejects a pattern that matches no file. #}
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
    The digits of published keys under former pseudonym keys, as `register keys rotate-pseudonyms`
    wrote them. Selects no rows while the pseudonym key has not changed.
#}
{% macro read_former_keys() -%}
    {{ return(adapter.dispatch('read_former_keys')()) }}
{%- endmacro %}

{% macro duckdb__read_former_keys() -%}
    {%- set file = home_folder() ~ '/published/keys/former_keys' -%}
    {%- set count = 0 -%}
    {%- if execute -%}
        {%- set count = run_query(
            "select count(*) from glob('" ~ file ~ "')"
        ).columns[0].values()[0] -%}
    {%- endif -%}
    {%- if count -%}
        read_parquet('{{ file }}')
    {%- else -%}
        (
            select
                cast(null as varchar) as record_kind,
                cast(null as varchar) as former_digits,
                cast(null as varchar) as digits,
            where false
        )
    {%- endif -%}
{%- endmacro %}

{% macro spark__read_former_keys() -%}
    {{ return(duckdb__read_former_keys()) }}
{%- endmacro %}

{#
    The id of the generation being built, read from the build's folder when the model runs. If it
    were a dbt variable, dbt would parse the whole project again at each load.
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
