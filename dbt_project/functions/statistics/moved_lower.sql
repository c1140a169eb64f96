case
    when measure is not null
        then greatest(-1.0, measure - sqrt(steps))
end
