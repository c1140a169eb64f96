{#
    The lower end of an interval of Cohen's kappa. `cohens_kappa_upper`, `gwets_ac1_lower` and
    `gwets_ac1_upper` are built in the same way. The intervals are valid for few pairs too. They
    also exist where the coefficient has no standard error, for example because the sources agree on
    every pair. The arguments count pairs of answers: `a` both yes, `b` only the first source yes,
    `c` only the second source yes, `d` both no. The four counts amount to three quantities whose
    uncertainties are independent:

    - q, the share of all pairs on which the sources disagree;
    - u, the share of yes minus the share of no among pairs that agree (-1 to 1);
    - v, the first source's share of yes minus its share of no among pairs that disagree (-1 to 1).

    In these terms the coefficients are

        AC1   = 1 - 2 q / (1 + ((1 - q) u)²)
        kappa = 1 - 2 q / (1 - ((1 - q) u)² + (q v)²)

    Both fall as q rises. AC1 rises and kappa falls as u moves away from 0; kappa rises as v moves
    away from 0. Each quantity in turn is moved to an end of its own interval, which comes from
    `small_share_lower` or `small_share_upper`. The lower end of the coefficient's interval is the
    coefficient minus the root of the sum of the squared falls that these moves cause; the upper end
    adds the rises in the same way (MOVER). How much u and v change kappa depends on q. Their effect
    is therefore computed twice, at q and at the end of q's interval, and the larger one counts.
    Both ends are null where the coefficient is null.

    tests/dbt/statistics/test_small_cells.py measures how often the intervals contain the true
    value.

    Sources: Zou and Donner 2008, Statistics in Medicine 27:1693-1702; Donner and Zou 2012,
    Statistical Methods in Medical Research 21:347-359.
#}
{%- set step, coefficient = function('step_lower'), function('kappa_of_shares') -%}
{% call with_known({
    'measure': function('cohens_kappa') ~ '(a, b, c, d)',
    'disagreed': 'cast(b + c as double) / nullif(a + b + c + d, 0)',
    'end': function('small_share_upper') ~ '(b + c, a + b + c + d)',
    'u': function('lean') ~ '(a, d)',
    'far_u': function('most_lean') ~ '(a, d)',
    'v': function('lean') ~ '(b, c)',
    'far_v': function('least_lean') ~ '(b, c)',
}) %}
{{ function('moved_lower') }}(
    known.measure,
    {{ step }}(
        {{ coefficient }}(known.disagreed, known.u, known.v),
        {{ coefficient }}(known.end, known.u, known.v)
    )
    + greatest(
        {{ step }}(
            {{ coefficient }}(known.disagreed, known.u, known.v),
            {{ coefficient }}(known.disagreed, known.far_u, known.v)
        ),
        {{ step }}(
            {{ coefficient }}(known.end, known.u, known.v),
            {{ coefficient }}(known.end, known.far_u, known.v)
        )
    )
    + greatest(
        {{ step }}(
            {{ coefficient }}(known.disagreed, known.u, known.v),
            {{ coefficient }}(known.disagreed, known.u, known.far_v)
        ),
        {{ step }}(
            {{ coefficient }}(known.end, known.u, known.v),
            {{ coefficient }}(known.end, known.u, known.far_v)
        )
    )
)
{% endcall %}
