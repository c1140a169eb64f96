{# Both bounds of Wilson's interval, as columns `<name>_lower` and `<name>_upper`. #}
{% macro wilson_columns(name, successes, trials) -%}
    {{ function('wilson_lower') }}({{ successes }}, {{ trials }}) as {{ name }}_lower,
    {{ function('wilson_upper') }}({{ successes }}, {{ trials }}) as {{ name }}_upper
{%- endmacro %}
