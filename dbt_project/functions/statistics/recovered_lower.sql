{#
    The lower end of the interval of `share`, between 0 and 1. It combines three independent
    uncertainties. The other arguments are the values that the share would have if one uncertainty
    alone moved it to this end: chance (`sampled_end`), the correction factor of absences that both
    sources recorded (`both_factor_end`), and the factor of absences that the police alone recorded
    (`police_only_factor_end`). The result is the share minus the root of the sum of the squared
    distances of these values from the share. `recovered_upper` is the share plus this root.

    A factor's end that is null adds no uncertainty. Null if `share` is null. Rounding never puts an
    end on the wrong side of the share.

    Source: method of variance estimates recovery (MOVER), Zou and Donner 2008, Statistics in
    Medicine 27:1693-1702.
#}
case
    when share is not null
        then least(share, greatest(0.0, share - sqrt(
            power(sampled_end - share, 2)
            + power(coalesce(both_factor_end, share) - share, 2)
            + power(coalesce(police_only_factor_end, share) - share, 2)
        )))
end
