{#
    Reading the key log: the crosswalk of mentions and children of every published generation, one
    file each. It is the only input that a rebuild cannot recreate.
#}
{% macro read_key_log() -%}
    {{ return(adapter.dispatch('read_key_log')()) }}
{%- endmacro %}

{#
    Before the first log this selects no rows, because an engine rejects a pattern that matches no
    file.
#}
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
    The id of the generation that is being built, read from the build's folder when the model runs.
    With a variable that changes at each load, dbt would parse the whole project again.
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
