{#
    A share of few cases (`successes` of `trials`), shrunk towards `centre`, the share of all cases:
    the mean of the beta-binomial distribution (empirical Bayes). With x = `successes`, n =
    `trials`, m = `centre` and r = `correlation`, the intraclass correlation that
    `between_places_correlation` estimates, it is

        (r x + (1 - r) m) / (r n + (1 - r))

    This equals (x + M m) / (n + M): the centre weighs as much as M = (1 - r) / r cases. With many
    trials the result approaches the share itself; without trials it is the centre. Null if an
    argument is null, or if r is 1 and there are no trials. Rounding never puts it above 1. It is
    published next to the raw share, never in its place.

    Source: Efron and Morris 1975, Journal of the American Statistical Association 70:311-319 (the
    idea).
#}
case
    when successes + centre is not null and correlation * trials + 1 - correlation > 0
        then
            least(1.0, (
                correlation * successes + (1 - correlation) * centre
            ) / (correlation * trials + 1 - correlation))
end
