{#
    The rows of a model in the version before, where there is one; else no row. `drawn` is the CTE
    whose columns they have; one that the version before had not yet is null.
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
