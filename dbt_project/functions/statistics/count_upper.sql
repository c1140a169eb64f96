{#
    The upper end of the interval of `count_lower`. With z = `interval_z`, Byar's upper end of n
    events is (n + 1) (1 - 1 / (9 (n + 1)) + z / (3 √(n + 1)))³. A count of 0 has the upper end of
    a count of children.
#}
total + coalesce(sqrt(cast(variance as double) / nullif(children, 0)), 1) * (
    (children + 1) * power(
        1 - 1e0 / (9e0 * (children + 1))
        + {{ var('interval_z') }}e0 / (3e0 * sqrt(children + 1)), 3
    )
    - children
)
