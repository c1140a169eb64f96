{#
    The lower end of the interval of a share, `successes` of `trials`: Wilson's interval, extended
    for 1 to 3 successes, where it is too short. There the end is at most λ / `trials`, where λ is
    the Poisson mean that reaches this number of successes with probability 1/20.
    `small_share_upper` is the same for the opposite answer. Without trials the interval is 0 to 1.

    The intervals of Cohen's kappa and Gwet's AC1 are made of these ends. These intervals are valid
    for few pairs too. They are also valid where the coefficient's standard error would be 0: with
    full agreement, or if one source always gives the same answer. The four counts of answers amount
    to three independent shares:

    - d, the share of all pairs on which the sources disagree;
    - u, the share of yes minus the share of no among pairs that agree (-1 to 1);
    - v, the first source's share of yes minus its share of no among pairs that disagree (-1 to 1).

    In these terms the coefficients are

        AC1   = 1 - 2 d / (1 + ((1 - d) u)²)
        kappa = 1 - 2 d / (1 - ((1 - d) u)² + (d v)²)

    Both fall as d rises. AC1 rises and kappa falls as u moves away from 0; kappa rises as v moves
    away from 0. For each share, the change of the coefficient is computed with this share at the
    end of its own interval. An end of the coefficient's interval is the coefficient minus or plus
    the root of the sum of these squared changes (MOVER). How much u and v change kappa depends on
    d, so the larger of the changes at d and at the end of d counts. An end is null where the
    coefficient is null. tests/dbt/statistics/test_small_cells.py measures how often the intervals
    contain the true value.

    Sources: Brown, Cai and DasGupta 2001, Statistical Science 16:101-133, section 4.1.1 (share);
    Zou and Donner 2008, Statistics in Medicine 27:1693-1702, and Donner and Zou 2012, Statistical
    Methods in Medical Research 21:347-359 (MOVER).
#}
least(
    coalesce({{ function('wilson_lower') }}(successes, trials), 0.0),
    coalesce(
        case successes
            when 1 then 0.0512932943876e0
            when 2 then 0.3553615106987e0
            when 3 then 0.8176914471176e0
        end / nullif(trials, 0),
        1.0
    )
)
