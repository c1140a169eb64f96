{#
    Columns of a table with a contract, for dbt-duckdb's own materialization. The database enforces
    only that columns are not null. Keys are declared for readers and checked by `rules` tests: to
    enforce a key, DuckDB would keep an index over all its rows, which for keys of text is larger
    than the table, and it allows no foreign key between schemas.
#}
{% macro duckdb__get_table_columns_and_constraints() -%}
    {%- set columns = {} -%}
    {%- for name, column in model['columns'].items() -%}
        {%- set enforced = column['constraints'] | selectattr('type', 'equalto', 'not_null') -%}
        {%- do columns.update({name: dict(column, constraints=enforced | list)}) -%}
    {%- endfor -%}
    ({{ adapter.render_raw_columns_constraints(raw_columns=columns) | join(', ') }})
{%- endmacro %}

{#- The rows of a query, in the contract's column order, with fractions rounded for publication. -#}
{% macro duckdb__get_select_subquery(sql) -%}
    select
    {%- for column in model['columns'].values() %}
        {{ published_column(column) }}{{ ',' if not loop.last }}
    {%- endfor %}
    from (
        {{ sql }}
    ) as published
{%- endmacro %}

{% macro published_column(column) -%}
    {%- set name = adapter.quote(column['name']) if column.get('quote') else column['name'] -%}
    {%- if column['data_type'] | lower == 'double' -%}
        {{ published_number(name) }}
    {%- else -%}
        {{ name }}
    {%- endif -%}
{%- endmacro %}

{#-
    A fraction rounded for publication (docs/reference/measures.md): nine decimals, or three from
    one million upwards, so that it has at most fifteen digits. Adding 0 removes the sign of a
    negative zero.
-#}
{% macro published_number(value) -%}
    round({{ value }}, case when abs({{ value }}) < 1000000 then 9 else 3 end) + 0
{%- endmacro %}
