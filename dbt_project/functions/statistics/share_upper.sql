case
    when share is not null
        then {{ function('recovered_upper') }}(
            share,
            {{ function('wilson_upper') }}(share * trials, trials),
            both_factor_end,
            police_only_factor_end
        )
    else {{ function('wilson_upper') }}(corner * trials, trials)
end
