case
    when extract(month from day) >= 4
        then
            cast(extract(year from day) as varchar)
            || '-'
            || right(cast(extract(year from day) + 1 as varchar), 2)
    else
        cast(extract(year from day) - 1 as varchar)
        || '-'
        || right(cast(extract(year from day) as varchar), 2)
end
