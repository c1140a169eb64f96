{#
    An expression over named values (`known.<name>`), each computed once. Without this macro, nested
    formulas become very long, because an engine copies a function's body to every place that calls
    it. No name may be the beginning of another name.

        {% call with_known({'total': 'a + b', 'half': '(a + b) / 2.0'}) %}
            known.half / known.total
        {% endcall %}
#}
{% macro with_known(values) -%}
    {{ adapter.dispatch('with_known')(values, caller()) }}
{%- endmacro %}

{% macro duckdb__with_known(values, expression) -%}
    list_transform(
        [
            {
            {%- for name, value in values.items() %}
                '{{ name }}': {{ value }}{{ ',' if not loop.last }}
            {%- endfor %}
            }
        ],
        lambda known: {{ expression | trim }}
    )[1]
{%- endmacro %}

{#
    Spark does not compile queries with a lambda to machine code, so each value is written out in
    every place that names it.
#}
{% macro spark__with_known(values, expression) -%}
    {%- set written = namespace(out=expression | trim) -%}
    {%- for name, value in values.items() -%}
        {%- set written.out = written.out | replace('known.' ~ name, '(' ~ value ~ ')') -%}
    {%- endfor -%}
    {{ written.out }}
{%- endmacro %}
