{#
    Free text as lower-case words with a blank before and after each. The capital I with a dot is
    replaced first, because one engine lower-cases it to two characters.
#}
{% macro words_of(value) -%}
    ' ' || trim(regexp_replace(lower(replace({{ value }}, 'İ', 'I')), '[\W_]+', ' ', 'g')) || ' '
{%- endmacro %}
