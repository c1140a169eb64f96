1 - 2 * disagreed / nullif(
    1 - power((1 - disagreed) * agreed_lean, 2) + power(disagreed * disagreed_lean, 2), 0
)
