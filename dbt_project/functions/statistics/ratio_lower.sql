part / nullif(whole, 0) - sqrt(
    power(part_lower / nullif(whole, 0) - part / nullif(whole, 0), 2)
    + power(part / nullif(whole_upper, 0) - part / nullif(whole, 0), 2)
)
