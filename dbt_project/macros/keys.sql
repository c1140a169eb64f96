{# A key made of several columns. Null differs from the empty text. #}
{% macro surrogate_key(columns) -%}
    {{ dbt.hash(
        "coalesce(cast(" ~ (columns | join(" as varchar), '~') || '|' || coalesce(cast("))
        ~ " as varchar), '~')"
    ) }}
{%- endmacro %}

{# The published form of a source key: a letter for what it names and 24 hexadecimal digits. #}
{% macro register_key(prefix, source_key) -%}
    '{{ prefix }}' || upper(substring({{ source_key }}, 1, 24))
{%- endmacro %}
