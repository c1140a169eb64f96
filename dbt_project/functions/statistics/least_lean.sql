greatest(
    0.0, 2 * {{ function('small_share_lower') }}(greatest(yes_count, no_count), yes_count + no_count) - 1
)
