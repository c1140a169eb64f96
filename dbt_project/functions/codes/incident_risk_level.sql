case
    when police_category = 'no_apparent_risk' then 'no_apparent'
    when coalesce(police_category, 'none') != 'missing' then null
    when severity = 1 then 'low'
    when severity = 2 then 'medium'
    when severity = 3 then 'high'
    else 'unknown'
end
