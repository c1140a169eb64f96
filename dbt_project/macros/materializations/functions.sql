{#
    What dbt-duckdb lacks of dbt's functions (`functions/`): https://github.com/duckdb/dbt-duckdb/issues/519.
    A function of DuckDB's is a macro, whose arguments have no types.
#}
{% macro duckdb__scalar_function_create_replace_signature_sql(target_relation) -%}
    create or replace macro {{ target_relation.render() }}(
        {{- model.arguments | map(attribute='name') | join(', ') -}}
    ) as
{%- endmacro %}

{% macro duckdb__scalar_function_body_sql() -%}
    (
        {{ model.compiled_code }}
    )
{%- endmacro %}

{#
    Spark uses the same definition: `engines/spark` writes the function's body wherever it is
    called, because Spark's own functions need the types of their arguments.
#}
{% macro spark__scalar_function_create_replace_signature_sql(target_relation) -%}
    {{ duckdb__scalar_function_create_replace_signature_sql(target_relation) }}
{%- endmacro %}

{% macro spark__scalar_function_body_sql() -%}
    {{ duckdb__scalar_function_body_sql() }}
{%- endmacro %}
