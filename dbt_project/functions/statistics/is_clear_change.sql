{#
    Whether two rates differ by more than chance explains: whether the 95 % interval of their
    difference excludes 0. `variance` is that of `count_lower`. With rates r = count / denominator,
    the difference is clear if

        |r₁ - r₀| - (1 / d₁ + 1 / d₀) / 2 > z √(variance₁ / d₁² + variance₀ / d₀²)

    where z = `interval_z` and d are the denominators. The second term is the correction for
    continuity, half an event on each side, without which few events differ too easily. With equal
    denominators and counts of children this is the test of two Poisson counts with Yates's
    correction, close to the exact binomial test. Null if a denominator is null or 0.

    Source: Detre and White 1970, Biometrics 26:851-854.
#}
case
    when first_denominator > 0 and last_denominator > 0
        then abs(
            cast(last_count as double) / last_denominator
            - cast(first_count as double) / first_denominator
        )
        - 0.5e0 / last_denominator
        - 0.5e0 / first_denominator
        > {{ var('interval_z') }}e0 * sqrt(
            cast(last_variance as double) / last_denominator / last_denominator
            + cast(first_variance as double) / first_denominator / first_denominator
        )
end
