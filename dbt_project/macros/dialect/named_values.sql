{#
    An expression over values that are each worked out once, for one that would repeat them many
    times: an engine writes out a function at each place that names it, and a formula of formulas
    grows as their product. The body calls them `known.<name>`; no name begins with another.

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
    Spark does not compile a query with a lambda to machine code, so each value is written out
    wherever it is named.
#}
{% macro spark__with_known(values, expression) -%}
    {%- set written = namespace(out=expression | trim) -%}
    {%- for name, value in values.items() -%}
        {%- set written.out = written.out | replace('known.' ~ name, '(' ~ value ~ ')') -%}
    {%- endfor -%}
    {{ written.out }}
{%- endmacro %}
