2 * {{ function('small_share_upper') }}(greatest(yes_count, no_count), yes_count + no_count) - 1
