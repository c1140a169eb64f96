{#
    The term of one cell of `shares_deviance`: observed × ln(observed / expected), or 0 where
    nothing was observed. A cell counts the successes, or the failures, of one of the two shares.
    The expected number is the trials of that share (`size`) times `all_count` / `all_size`, the
    rate of successes or failures in both shares together.
#}
case
    when observed > 0
        then observed * ln(
            cast(observed as double) * all_size / (cast(size as double) * all_count)
        )
    else 0.0
end
