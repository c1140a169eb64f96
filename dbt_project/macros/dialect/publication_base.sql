{#
    The base of the version before, where there is one; else no row. `drawn` is the CTE whose
    columns it has.
#}
{% macro earlier_base(drawn) -%}
    {{ return(adapter.dispatch('earlier_base')(drawn)) }}
{%- endmacro %}

{% macro duckdb__earlier_base(drawn) -%}
    {%- set path = env_var('REGISTER_EARLIER_BASE', '') -%}
    {%- if path -%}
        select * from read_parquet('{{ path }}')
    {%- else -%}
        select * from {{ drawn }} where false
    {%- endif -%}
{%- endmacro %}

{% macro spark__earlier_base(drawn) -%}
    {{ return(duckdb__earlier_base(drawn)) }}
{%- endmacro %}
