{#
    Free text as lower-case words with one blank before and after each. One engine writes a capital
    I with a dot as two characters; only the letter is kept.
#}
{% macro words_of(value) -%}
    ' ' || trim(regexp_replace(lower(replace({{ value }}, 'İ', 'I')), '[\W_]+', ' ', 'g')) || ' '
{%- endmacro %}
