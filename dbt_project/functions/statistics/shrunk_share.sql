{#
    A share of few cases, shrunk towards the share of all by as much as chance alone could have
    moved it: the mean of the beta-binomial (empirical Bayes; Efron and Morris 1975, Journal of the
    American Statistical Association 70:311-319, for the idea; Kleinman 1973, same journal
    68:46-54, for the moments). With x of n, centre m and intraclass correlation r:

        (r x + (1 - r) m) / (r n + (1 - r))

    which is (x + M m) / (n + M) for a prior worth M = (1 - r) / r cases. Without trials it is the
    centre, null if r is 1; with many it approaches the share itself. It is 1 at most, whatever the
    last digit of the quotient. Published next to the raw share, never in its place.

    How much shares differ between places beyond chance, 0 (not at all) to 1, is an aggregate over
    the rows of a group: Kleinman's (1973) moments with the trials as weights,

        (S / (m (1 - m)) - (k - 1)) / (N - Σn² / N - (k - 1)),  S = Σ n (p - m)²

    for k places with N trials and the common share m. 0 where the places differ less than chance
    would make them; null with one place, or where all shares are 0 or all are 1.
#}
case
    when successes + centre is not null and correlation * trials + 1 - correlation > 0
        then
            least(1.0, (
                correlation * successes + (1 - correlation) * centre
            ) / (correlation * trials + 1 - correlation))
end
