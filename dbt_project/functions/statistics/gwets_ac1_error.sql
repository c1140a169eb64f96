{#
    The standard error of Gwet's AC1 for two raters and two categories. The arguments and the
    symbols n, pa and pe are those of `gwets_ac1`. The error is the root of

        (pa (1 - pa) - 4 (1 - AC1) (Σ pkk (1 - πk) - pa pe)
         + 4 (1 - AC1)² (Σ pkl (1 - (πk + πl) / 2)² - pe²)) / (n (1 - pe)²)

    Here pkl is the share of pairs with the answers k and l, and πk the mean of both sources' shares
    of the answer k. The error is null without any pair. It is also null where the sources agree on
    every pair or on none: the formula gives 0 there, as if the counts were certain. In these two
    cases, `gwets_ac1_lower` and `gwets_ac1_upper` still give an interval
    (`cohens_kappa_lower.sql` explains it).

    Source: Gwet 2008, British Journal of Mathematical and Statistical Psychology 61:29-48.
#}
{%- set share = '(cast(2 * a + b + c as double) / nullif(2 * (a + b + c + d), 0))' -%}
case when b + c > 0 and a + d > 0 then
{% call with_known({
    'agreed': '(cast(a + d as double) / nullif(a + b + c + d, 0))',
    'share': share,
    'chance': '(2 * ' ~ share ~ ' * (1 - ' ~ share ~ '))',
    'beyond': '1 - ' ~ function('gwets_ac1') ~ '(a, b, c, d)',
}) %}
sqrt(greatest(0.0, (
    known.agreed * (1 - known.agreed)
    - 4 * known.beyond * (
        (a * (1 - known.share) + d * known.share) / (a + b + c + d) - known.agreed * known.chance
    )
    + 4 * power(known.beyond, 2) * (
        (a * power(1 - known.share, 2) + d * power(known.share, 2) + (b + c) * 0.25)
        / (a + b + c + d)
        - power(known.chance, 2)
    )
) / nullif((a + b + c + d), 0))) / (1 - known.chance)
{% endcall %}
end
