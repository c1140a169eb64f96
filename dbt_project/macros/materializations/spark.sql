{#
    A table on Spark: `engines/spark` translates the statement that DuckDB would run. A contract's
    columns are cast to their types. Spark enforces no constraints on Parquet files; DuckDB refuses
    nulls when the marts are published (docs/explanation/spark.md).
#}
{% materialization table, adapter='spark', supported_languages=['sql', 'python'] %}
    {%- set target = this.incorporate(type='table') -%}

    {{ run_hooks(pre_hooks) }}

    {% call statement('main', language=model['language']) -%}
        {%- if model['language'] == 'python' -%}
            {{ compiled_code }}
        {%- else -%}
            create or replace table {{ target }} as {{ rows_of_contract(compiled_code) }}
        {%- endif -%}
    {%- endcall %}

    {{ run_hooks(post_hooks) }}

    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{#- A model's rows, with the columns and types of its contract if it has one. -#}
{% macro rows_of_contract(compiled_code) -%}
    {%- if not config.get('contract').enforced -%}
        {{ return('(\n' ~ compiled_code ~ '\n)') }}
    {%- endif -%}
    select
    {%- for column in model['columns'].values() %}
        {%- set name = adapter.quote(column['name']) if column.get('quote') else column['name'] %}
        cast({{ published_column(column) }} as {{ column['data_type'] }}) as {{ name }}
        {{- ',' if not loop.last }}
    {%- endfor %}
    from (
        {{ compiled_code }}
    ) as published
{%- endmacro %}

{% macro spark__create_view_as(relation, sql) -%}
    create or replace view {{ relation }} as (
        {{ sql }}
    )
{%- endmacro %}

{# A schema on Spark is a folder of the home, wherever Spark keeps other schemas. #}
{% macro spark__create_schema(relation) -%}
    {%- call statement('create_schema') -%}
        create schema if not exists {{ relation.without_identifier() }}
        location '{{ spark_tables() }}/{{ relation.schema }}.db'
    {%- endcall -%}
{%- endmacro %}

{% macro spark_tables() -%}
    {{ env_var('REGISTER_HOME') }}/warehouse/spark
{%- endmacro %}

{#-
    A table as dbt-duckdb creates it. Its rows come from its query or, for marts built by Spark
    (target `published`), from the files that Spark wrote. Types, constraints and comments are the
    same.
-#}
{% macro duckdb__create_table_as(
    temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none
) -%}
    {%- if target.name == 'published' -%}
        {%- set compiled_code -%}
            select *
            from '{{ spark_tables() }}/{{ this.schema }}.db/{{ this.identifier }}/*.parquet'
        {%- endset -%}
    {%- endif -%}
    {{ return(dbt.duckdb__create_table_as(
        temporary, relation, compiled_code, language, partitioned_by, sorted_by
    )) }}
{%- endmacro %}
