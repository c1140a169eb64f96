{#
    Intervals of Cohen's kappa and of Gwet's AC1 that hold for few pairs and at the boundary, where
    the standard error of either is 0 (one answer throughout, or full agreement).

    The four cells of two sources are three independent shares: `d` of the pairs on which they
    disagree, of the agreed that are yes, and of the disagreed where the first says yes. With the
    last two as `u` and `v`, share of yes less share of no (-1 to 1), the coefficients are

        AC1   = 1 - 2 d / (1 + ((1 - d) u)²)
        kappa = 1 - 2 d / (1 - ((1 - d) u)² + (d v)²)

    Both fall with d. As u leaves 0, AC1 rises and kappa falls; as v leaves it, kappa rises. An end
    is the coefficient less or plus the root of the sum of squares of what each share, at the end
    of its own interval, would move it (MOVER: Zou and Donner 2008, Statistics in Medicine
    27:1693-1702; Donner and Zou 2012, Statistical Methods in Medical Research 21:347-359). What u
    and v move kappa by depends on d, not at all at d = 0: the larger counts, at d or at its end.

    The interval of a share is Wilson's as modified for 1 to 3 of n, where Wilson's own is too
    short: there the end near 0 is at most the Poisson limit λ / n that one of twenty falls short of
    (Brown, Cai and DasGupta 2001, Statistical Science 16:101-133, section 4.1.1). Without trials it
    is 0 to 1. How often the intervals hold is measured in
    tests/dbt/statistics/test_small_cells.py.

    Null where the coefficient is: kappa has none where both sources give one answer throughout.
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
