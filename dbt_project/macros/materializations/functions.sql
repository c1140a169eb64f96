{#
    The macros that dbt-duckdb lacks for dbt's functions (`functions/`):
    https://github.com/duckdb/dbt-duckdb/issues/519. A function is a DuckDB macro, without types.
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
    Spark uses the same definition: `engines/spark` replaces each call by the function's body,
    because Spark's own functions need the types of their arguments.
#}
{% macro spark__scalar_function_create_replace_signature_sql(target_relation) -%}
    {{ duckdb__scalar_function_create_replace_signature_sql(target_relation) }}
{%- endmacro %}

{% macro spark__scalar_function_body_sql() -%}
    {{ duckdb__scalar_function_body_sql() }}
{%- endmacro %}
