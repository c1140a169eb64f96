greatest(
    0,
    {{ function('hours_between') }}(one_upper_at, other_lower_at),
    {{ function('hours_between') }}(other_upper_at, one_lower_at)
)
