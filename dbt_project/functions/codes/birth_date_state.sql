case
    when birth_date is null then 'missing'
    when extract(month from birth_date) = 1 and extract(day from birth_date) = 1
        then 'default'
    else 'valid'
end
