case
    when source_code is null then 'missing'
    when code = 'unmapped' then 'invalid'
    when code = 'unknown' then 'default'
    when code = 'other' then 'other'
    else 'valid'
end
