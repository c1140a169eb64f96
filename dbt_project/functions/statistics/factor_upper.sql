greatest(least_factor, coalesce(factor, factor_end) + sqrt(
    power(coalesce(factor, factor_end) - factor_end, 2)
    + power({{ var('interval_z') }}e0 * error, 2)
))
