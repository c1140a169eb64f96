{#
    The stems of the flags that the police alone record of an absence: each is yes, no, unknown or
    unmapped.
#}
{% macro police_flags() -%}
    {{ return([
        'harm_flag', 'fatal_flag', 'cse_flag', 'cce_flag', 'trafficking_flag',
        'mental_health_flag',
    ]) }}
{%- endmacro %}
