{#
    The state of a field of one kind (code, name, birth_date or text), by the function
    `<kind>_state`.
#}
{% macro field_state(kind, column_name, source_column) -%}
    {{ function(kind ~ '_state') }}(
        {{- column_name }}{{ ', ' ~ source_column if kind == 'code' -}}
    )
{%- endmacro %}
