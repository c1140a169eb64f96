case
    when share is not null
        then {{ function('recovered_lower') }}(
            share,
            {{ function('wilson_lower') }}(share * trials, trials),
            both_factor_end,
            police_only_factor_end
        )
    else {{ function('wilson_lower') }}(corner * trials, trials)
end
