{#
    How much shares differ between places beyond chance, from 0 (not at all) to 1: an estimate of
    the correlation in `shrunk_share`. It is an aggregate over the rows of a group, each row a place
    with n trials and the share p. With k places, N trials in all and the common share m, it is

        (S / (m (1 - m)) - (k - 1)) / (N - Σn² / N - (k - 1)),  S = Σ n (p - m)²

    It is 0 where the places differ less than chance would make them. It is null with one place,
    where all shares are 0 or all are 1, and where there are no more trials than places.

    Source: Kleinman 1973, Journal of the American Statistical Association 68:46-54 (the moments,
    with the trials as weights).
#}
case
    when
        count(trials) > 1
        and sum(successes) > 0
        and sum(successes) < sum(trials)
        and sum(trials) > count(trials)
        then
            least(1.0, greatest(0.0, (
                (
                    {{ sum_by_size('power(successes, 2) / nullif(trials, 0)') }}
                    - power(sum(successes), 2) / sum(trials)
                )
                / (
                    cast(sum(successes) as double) / sum(trials)
                    * (1 - cast(sum(successes) as double) / sum(trials))
                )
                - (count(trials) - 1)
            ) / nullif(
                sum(trials)
                - sum(power(trials, 2)) / sum(trials)
                - (count(trials) - 1),
                0
            )))
end
