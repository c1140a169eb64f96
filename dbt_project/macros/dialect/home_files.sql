{# Files of a home: decisions, reference tables and, if the home is simulated, the truth. #}
{% macro home_folder() -%}
    {{ env_var('REGISTER_HOME') }}
{%- endmacro %}

{% macro read_decisions(file_name, columns) -%}
    {{ return(adapter.dispatch('read_decisions')(file_name, columns)) }}
{%- endmacro %}

{% macro duckdb__read_decisions(file_name, columns) -%}
    read_csv(
        '{{ env_var('REGISTER_PRIVATE_SCHEME', '') }}{{ home_folder() }}/decisions/{{ file_name }}',
        header = true,
        delim = ',',
        quote = '"',
        escape = '"',
        columns = {
        {%- for name in columns %}
            '{{ name }}': 'varchar'{{ ',' if not loop.last }}
        {%- endfor %}
        }
    )
{%- endmacro %}

{% macro spark__read_decisions(file_name, columns) -%}
    {{ return(duckdb__read_decisions(file_name, columns)) }}
{%- endmacro %}

{% macro read_reference(name) -%}
    {{ return(adapter.dispatch('read_reference')(name)) }}
{%- endmacro %}

{% macro duckdb__read_reference(name) -%}
    read_parquet('{{ home_folder() }}/landing/reference/{{ name }}.parquet')
{%- endmacro %}

{% macro spark__read_reference(name) -%}
    {{ return(duckdb__read_reference(name)) }}
{%- endmacro %}

{# An SQL expression for a delivery's folder in the home, used in lists of files to read. #}
{% macro landing_folder(feed, delivery_id) -%}
    '{{ home_folder() }}/landing/' || {{ feed }} || '/' || {{ delivery_id }}
{%- endmacro %}

{# One table of a simulated nation's truth. Only models in `evaluation/` read it. #}
{% macro read_truth(name) -%}
    {{ return(adapter.dispatch('read_truth')(name)) }}
{%- endmacro %}

{# Whether a home has this table of the truth. Homes of earlier versions lack newer tables. #}
{% macro has_truth(name) -%}
    {{ return(adapter.dispatch('has_truth')(name)) }}
{%- endmacro %}

{% macro duckdb__has_truth(name) -%}
    {%- if not execute -%}{{ return(true) }}{%- endif -%}
    {%- set path = home_folder() ~ '/truth/' ~ name ~ '.parquet' -%}
    {{ return(run_query("select file from glob('" ~ path ~ "')").rows | length > 0) }}
{%- endmacro %}

{% macro spark__has_truth(name) -%}
    {{ return(duckdb__has_truth(name)) }}
{%- endmacro %}

{% macro duckdb__read_truth(name) -%}
    read_parquet('{{ home_folder() }}/truth/{{ name }}.parquet')
{%- endmacro %}

{% macro spark__read_truth(name) -%}
    {{ return(duckdb__read_truth(name)) }}
{%- endmacro %}
