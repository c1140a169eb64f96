{#
    Ends of the interval of a share with three independent uncertainties: the share less or plus the
    root of the sum of squares of what each would move it alone (method of variance estimates
    recovery, MOVER: Zou and Donner 2008, Statistics in Medicine 27:1693-1702), within 0 to 1. The
    three arguments after the share are where each uncertainty alone puts it, on that side: chance,
    the factor of absences of both, and that of absences of the police alone; of the last two a null
    moves it nowhere. The share bounds either end, so that rounding never puts it outside. Null where
    the share is.
#}
case
    when share is not null
        then least(share, greatest(0.0, share - sqrt(
            power(sampled_end - share, 2)
            + power(coalesce(both_factor_end, share) - share, 2)
            + power(coalesce(police_only_factor_end, share) - share, 2)
        )))
end
