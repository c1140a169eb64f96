case
    when other_lower_at > one_upper_at
        then {{ function('hours_between') }}(one_upper_at, other_lower_at)
    when one_lower_at > other_upper_at
        then -{{ function('hours_between') }}(other_upper_at, one_lower_at)
    when one_lower_at is not null and other_lower_at is not null then 0
end
