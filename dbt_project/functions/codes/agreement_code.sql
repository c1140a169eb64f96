case
    when police_value is null and authority_value is null then 'both_missing'
    when police_value is null then 'police_missing'
    when authority_value is null then 'authority_missing'
    when is_equal then 'equal'
    else 'differs'
end
