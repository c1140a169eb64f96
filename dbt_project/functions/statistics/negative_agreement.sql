2.0 * both_no / nullif(2 * both_no + first_only + second_only, 0)
