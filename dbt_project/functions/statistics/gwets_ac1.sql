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
{%- set share = '(cast(2 * a + b + c as double) / nullif(2 * (a + b + c + d), 0))' -%}
{%- set chance = '(2 * ' ~ share ~ ' * (1 - ' ~ share ~ '))' -%}
((cast(a + d as double) / nullif(a + b + c + d, 0)) - {{ chance }}) / (1 - {{ chance }})
