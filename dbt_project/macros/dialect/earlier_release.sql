{#
    The rows of a model in the previous release, or no rows if there is none. They have the columns
    of the CTE `drawn`; a column that the previous release lacked is null.
#}
{% macro earlier_rows(model_name, drawn) -%}
    {{ return(adapter.dispatch('earlier_rows')(model_name, drawn)) }}
{%- endmacro %}

{% macro duckdb__earlier_rows(model_name, drawn) -%}
    {%- set folder = env_var('REGISTER_EARLIER_RELEASE', '') -%}
    {%- if folder -%}
        select * from {{ drawn }} where false
        union all by name
        select * from read_parquet('{{ folder }}/{{ model_name }}.parquet')
    {%- else -%}
        select * from {{ drawn }} where false
    {%- endif -%}
{%- endmacro %}

{% macro spark__earlier_rows(model_name, drawn) -%}
    {{ return(duckdb__earlier_rows(model_name, drawn)) }}
{%- endmacro %}
