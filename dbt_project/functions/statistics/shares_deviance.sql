{#
    How different two shares are: `successes` of `trials` and `other_successes` of `other_trials`.
    The result is the deviance of the assumption that both are one common share (the G-test of a
    two-by-two table). If the assumption is true, the deviance is distributed as chi-squared with
    one degree of freedom. Null where either side has no trials.

    The deviance is twice the sum of `deviance_term` over the four cells of the table.

    Source: McCullagh and Nelder 1989, Generalized Linear Models, page 118.
#}
case
    when trials > 0 and other_trials > 0
        then 2 * (
            {{ function('deviance_term') }}(
                successes, trials, successes + other_successes, trials + other_trials
            )
            + {{ function('deviance_term') }}(
                trials - successes,
                trials,
                trials + other_trials - successes - other_successes,
                trials + other_trials
            )
            + {{ function('deviance_term') }}(
                other_successes, other_trials, successes + other_successes, trials + other_trials
            )
            + {{ function('deviance_term') }}(
                other_trials - other_successes,
                other_trials,
                trials + other_trials - successes - other_successes,
                trials + other_trials
            )
        )
end
