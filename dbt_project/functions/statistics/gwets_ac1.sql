{#
    Gwet's AC1 of two sources that each answer yes or no: how much more they agree than chance would
    make them. Only agreement by guessing counts as chance, and sources are taken to guess only
    where they are unsure. Unlike kappa, AC1 stays close to plain agreement where one answer is
    rare. The arguments count pairs of answers: `a` both yes, `b` only the first source yes, `c`
    only the second source yes, `d` both no.

        AC1 = (pa - pe) / (1 - pe),  pe = 2 π (1 - π),  π = (2a + b + c) / 2n

    Here n is the number of pairs and pa the share of them that agree. AC1 is null without any pair.

    `gwets_ac1_error` is the standard error of AC1 for two raters and two categories, the root of

        (pa (1 - pa) - 4 (1 - AC1) (Σ pkk (1 - πk) - pa pe)
         + 4 (1 - AC1)² (Σ pkl (1 - (πk + πl) / 2)² - pe²)) / (n (1 - pe)²)

    with pkl the share of pairs with the answers k and l, and πk the mean share of the answer k. The
    error is null without any pair, and where the sources agree on every pair or on none: the
    formula gives 0 there, as if the counts were certain. `gwets_ac1_lower` and `gwets_ac1_upper`
    (`small_share_lower.sql`) give an interval where sources agree on every pair or on none.

    Source: Gwet 2008, British Journal of Mathematical and Statistical Psychology 61:29-48.
#}
{%- set share = '(cast(2 * a + b + c as double) / nullif(2 * (a + b + c + d), 0))' -%}
{%- set chance = '(2 * ' ~ share ~ ' * (1 - ' ~ share ~ '))' -%}
((cast(a + d as double) / nullif(a + b + c + d, 0)) - {{ chance }}) / (1 - {{ chance }})
