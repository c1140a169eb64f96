{#
    Gwet's AC1 of two sources that each answer yes or no: how much more they agree than chance would
    make them. Only agreement by guessing counts as chance, and sources are taken to guess only
    where they are unsure. Unlike kappa, AC1 stays close to plain agreement where one answer is
    rare. The arguments count pairs of answers: `a` both yes, `b` only the first source yes, `c`
    only the second source yes, `d` both no.

        AC1 = (pa - pe) / (1 - pe),  pe = 2 π (1 - π),  π = (2a + b + c) / 2n

    Here n is the number of pairs, pa the share of pairs that agree, and pe the share that would
    agree by chance. π is the share of yes among all answers. AC1 is null without any pair.

    Source: Gwet 2008, British Journal of Mathematical and Statistical Psychology 61:29-48.
#}
{%- set share = '(cast(2 * a + b + c as double) / nullif(2 * (a + b + c + d), 0))' -%}
{%- set chance = '(2 * ' ~ share ~ ' * (1 - ' ~ share ~ '))' -%}
((cast(a + d as double) / nullif(a + b + c + d, 0)) - {{ chance }}) / (1 - {{ chance }})
