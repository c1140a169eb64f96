{#
    A seed's table is made anew in each build, in its transaction. dbt's own way empties it and keeps
    its columns: a seed with one more would stop every home that was loaded before.
#}
{% macro duckdb__reset_csv_table(model, full_refresh, old_relation, agate_table) -%}
    {%- do adapter.drop_relation(old_relation) -%}
    {{ return(create_csv_table(model, agate_table)) }}
{%- endmacro %}
