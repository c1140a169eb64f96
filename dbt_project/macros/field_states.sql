{#
    The state of a field, by the function `<kind>_state`: `kind` is code, name, birth_date or text.
#}
{% macro field_state(kind, column_name, source_column) -%}
    {{ function(kind ~ '_state') }}(
        {{- column_name }}{{ ', ' ~ source_column if kind == 'code' -}}
    )
{%- endmacro %}
