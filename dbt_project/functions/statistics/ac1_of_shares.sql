1 - 2 * disagreed / (1 + power((1 - disagreed) * agreed_lean, 2))
