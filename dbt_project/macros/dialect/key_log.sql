{#
    The rows of files in the folder of keys: the key log, which has one file per published
    generation, or the former keys. Selects no rows while there is no file, because DuckDB rejects
    a pattern that matches none. A rebuild reads these files but cannot recreate them.
#}
{% macro read_key_files(pattern, columns) -%}
    {{ return(adapter.dispatch('read_key_files')(pattern, columns)) }}
{%- endmacro %}

{% macro duckdb__read_key_files(pattern, columns) -%}
    {%- set files = home_folder() ~ '/published/keys/' ~ pattern -%}
    {%- set count = 1 -%}
    {%- if execute -%}
        {%- set count = run_query(
            "select count(*) from glob('" ~ files ~ "')"
        ).columns[0].values()[0] -%}
    {%- endif -%}
    {%- if count -%}
        read_parquet('{{ files }}', filename = true)
    {%- else -%}
        (select {% for column in columns -%}
            cast(null as varchar) as {{ column }},
        {%- endfor %} where false)
    {%- endif -%}
{%- endmacro %}

{% macro spark__read_key_files(pattern, columns) -%}
    {{ return(duckdb__read_key_files(pattern, columns)) }}
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
