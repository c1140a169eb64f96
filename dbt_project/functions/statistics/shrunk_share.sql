{#
    A share of few cases (`successes` of `trials`), shrunk towards `centre`, the share of all cases:
    the mean of the beta-binomial distribution (empirical Bayes). With x = `successes`, n =
    `trials`, m = `centre` and r = `correlation`, the intraclass correlation:

        (r x + (1 - r) m) / (r n + (1 - r))

    This is (x + M m) / (n + M): the centre weighs as much as M = (1 - r) / r cases. With many
    trials the result approaches the share itself; without trials it is the centre. Null if
    `successes` or `centre` is null, and if r is 1 and there are no trials. Rounding never puts it
    above 1. It is published next to the raw share, never in its place.

    `between_places_correlation` estimates r: how much shares differ between places beyond chance,
    from 0 (not at all) to 1. It is an aggregate over the rows of a group, each row a place with n
    trials and the share p. With k places, N trials in all and the common share m, it is

        (S / (m (1 - m)) - (k - 1)) / (N - Σn² / N - (k - 1)),  S = Σ n (p - m)²

    It is 0 where the places differ less than chance would make them. It is null with one place,
    where all shares are 0 or all are 1, and where there are no more trials than places.

    Sources: Efron and Morris 1975, Journal of the American Statistical Association 70:311-319 (the
    idea); Kleinman 1973, same journal 68:46-54 (the moments, with the trials as weights).
#}
case
    when successes + centre is not null and correlation * trials + 1 - correlation > 0
        then
            least(1.0, (
                correlation * successes + (1 - correlation) * centre
            ) / (correlation * trials + 1 - correlation))
end
