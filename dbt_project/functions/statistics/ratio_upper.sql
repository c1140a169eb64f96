part / nullif(whole, 0) + sqrt(
    power(part_upper / nullif(whole, 0) - part / nullif(whole, 0), 2)
    + power(part / nullif(whole_lower, 0) - part / nullif(whole, 0), 2)
)
