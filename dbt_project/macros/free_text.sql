{# The words of free text in lower case, with one blank before and after each. #}
{% macro words_of(value) -%}
    ' ' || trim(regexp_replace(lower({{ value }}), '[\W_]+', ' ', 'g')) || ' '
{%- endmacro %}
