{#
    Paths and files of a home: decisions of reviewers, postcodes and, in a simulated home, the
    truth.
#}
{% macro home_folder() -%}
    {{ env_var('REGISTER_HOME') }}
{%- endmacro %}

{% macro read_decisions(file_name, columns) -%}
    {{ return(adapter.dispatch('read_decisions')(file_name, columns)) }}
{%- endmacro %}

{% macro duckdb__read_decisions(file_name, columns) -%}
    read_csv(
        '{{ home_folder() }}/decisions/{{ file_name }}',
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

{# Where a delivery lies in a home, as text for the list of files to read. #}
{% macro landing_folder(feed, delivery_id) -%}
    '{{ home_folder() }}/landing/' || {{ feed }} || '/' || {{ delivery_id }}
{%- endmacro %}

{# The truth of a simulated nation, one table at a time; only `evaluation/` reads it. #}
{% macro read_truth(name) -%}
    {{ return(adapter.dispatch('read_truth')(name)) }}
{%- endmacro %}

{#
    Whether the simulation wrote a table of the truth; homes of earlier versions lack newer tables.
#}
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
