{#
    The words of free text in lower case, with one blank before and after each. Of a capital I with
    a dot, which one engine writes as two characters, it leaves the letter.
#}
{% macro words_of(value) -%}
    ' ' || trim(regexp_replace(lower(replace({{ value }}, 'İ', 'I')), '[\W_]+', ' ', 'g')) || ' '
{%- endmacro %}
