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
