{#
    The term of one cell of `shares_deviance`: observed × ln(observed / expected), or 0 where
    nothing was observed. The expected number is the trials of the cell's side (`size`) times the
    common share of the cell's answer (`all_count` of `all_size`).
#}
case
    when observed > 0
        then observed * ln(
            cast(observed as double) * all_size / (cast(size as double) * all_count)
        )
    else 0.0
end
