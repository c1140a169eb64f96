{#
    How far two shares lie apart, as the deviance of one common share (McCullagh and Nelder 1989,
    Generalized Linear Models, page 118; the G-test of a two by two table): chi-squared with one
    degree of freedom if there is but one share. Null where a side has no trials.

    It is twice the sum over the four cells of `deviance_term`: observed × ln(observed / expected),
    0 where nothing was observed. A cell is expected to be its side's trials (`size`) times the
    common share of its answer (`all_count` of `all_size`).
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
