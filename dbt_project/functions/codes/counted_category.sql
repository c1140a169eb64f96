case
    when category = 'missing' then 'missing'
    when category = 'away' and care_code = 'looked_after' then 'away'
    when category in ('no_apparent_risk', 'absent') then 'no_apparent_risk'
    when police_category in ('no_apparent_risk', 'absent') then 'no_apparent_risk'
    else 'not_known'
end
