case
    when share is not null
        then greatest(share, least(1.0, share + sqrt(
            power(sampled_end - share, 2)
            + power(coalesce(both_factor_end, share) - share, 2)
            + power(coalesce(police_only_factor_end, share) - share, 2)
        )))
end
