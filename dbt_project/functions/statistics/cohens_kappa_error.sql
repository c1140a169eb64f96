{#
    The standard error of Cohen's kappa (k) for an interval; unlike the error for a test, it does
    not assume that kappa is 0. The arguments are those of `cohens_kappa`. With n pairs, of which
    the share pe would agree by chance, it is the root of

        (Σ pii (1 - (p1 + p2)(1 - k))² + (1 - k)² Σ pij (pi + pj)² - (k - pe (1 - k))²)
        / (n (1 - pe)²)

    The first sum is over the two cells that agree: pii is the cell's share, and p1 and p2 are the
    shares with which the first and the second source give its answer. The second sum is over the
    two cells that disagree: pij is the cell's share, pi the second source's share of the first
    source's answer, and pj the reverse.

    The error is null where kappa is, and where the formula gives 0, as if the counts were certain.
    It gives 0 where the sources agree on every pair, where one of them always gives the same
    answer, and where they only disagree, equally often each way. `cohens_kappa_lower` and
    `cohens_kappa_upper` give an interval in these three cases too, if kappa is not null.

    Source: Fleiss, Cohen and Everitt 1969, Psychological Bulletin 72:323-327, formula 13.
#}
{%- set first = '(cast(a + b as double) / nullif((a + b + c + d), 0))' -%}
{%- set second = '(cast(a + c as double) / nullif((a + b + c + d), 0))' -%}
{%- set kappa = function('cohens_kappa') ~ '(a, b, c, d)' -%}
case when b + c > 0 and a + b > 0 and c + d > 0 and a + c > 0 and b + d > 0 and (a + d > 0 or b != c) then
{% call with_known({
    'first': first,
    'second': second,
    'chance': '(' ~ first ~ ' * ' ~ second ~ ' + (1 - ' ~ first ~ ') * (1 - ' ~ second ~ '))',
    'kappa': kappa,
    'beyond': '1 - ' ~ kappa,
}) %}
sqrt(greatest(0.0, (
    a * power(1 - (known.first + known.second) * known.beyond, 2)
    + d * power(1 - (2 - known.first - known.second) * known.beyond, 2)
    + power(known.beyond, 2) * (
        b * power(1 + known.second - known.first, 2)
        + c * power(1 + known.first - known.second, 2)
    )
    - (a + b + c + d) * power(known.kappa - known.chance * known.beyond, 2)
))) / ((a + b + c + d) * nullif(1 - known.chance, 0))
{% endcall %}
end
