{#
    Gwet's AC1 of two sources that each say yes or no (Gwet 2008, British Journal of Mathematical
    and Statistical Psychology 61:29-48): like kappa, but chance is what two sources would agree on
    that guess only where they are unsure. It stays close to plain agreement where one answer is
    rare, which kappa does not. `a` both yes, `b` and `c` one alone, `d` both no:

        AC1 = (pa - pe) / (1 - pe),  pe = 2 π (1 - π),  π = (2a + b + c) / 2n

    Its standard error (Gwet 2008, formula for two raters and two categories) is the root of

        (pa (1 - pa) - 4 (1 - AC1) (Σ pkk (1 - πk) - pa pe)
         + 4 (1 - AC1)² (Σ pkl (1 - (πk + πl) / 2)² - pe²)) / (n (1 - pe)²)

    It is 0, as if the counts were certain, where the two agree on every pair or on none: null
    there. Both are null without any pair. The interval (`agreement_intervals.sql`) holds there too.
#}
{% macro gwets_ac1_functions() -%}
    {%- set cells = ['a', 'b', 'c', 'd'] -%}
    {%- set n = '(a + b + c + d)' -%}
    {%- set agreed = '(cast(a + d as double) / nullif(a + b + c + d, 0))' -%}
    {%- set share = '(cast(2 * a + b + c as double) / nullif(2 * (a + b + c + d), 0))' -%}
    {%- set chance = '(2 * ' ~ share ~ ' * (1 - ' ~ share ~ '))' -%}
    {% call database_function('gwets_ac1', cells) %}
        ({{ agreed }} - {{ chance }}) / (1 - {{ chance }})
    {% endcall %}
    {% call database_function('gwets_ac1_error', cells) %}
        case when b + c > 0 and a + d > 0 then
        {% call with_known({
            'agreed': agreed,
            'share': share,
            'chance': chance,
            'beyond': '1 - gwets_ac1(a, b, c, d)',
        }) %}
        sqrt(greatest(0.0, (
            known.agreed * (1 - known.agreed)
            - 4 * known.beyond * (
                (a * (1 - known.share) + d * known.share) / {{ n }} - known.agreed * known.chance
            )
            + 4 * power(known.beyond, 2) * (
                (a * power(1 - known.share, 2) + d * power(known.share, 2) + (b + c) * 0.25)
                / {{ n }}
                - power(known.chance, 2)
            )
        ) / nullif({{ n }}, 0))) / (1 - known.chance)
        {% endcall %}
        end
    {% endcall %}
{%- endmacro %}
