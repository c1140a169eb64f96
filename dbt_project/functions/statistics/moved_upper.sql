case
    when measure is not null
        then least(1.0, measure + sqrt(steps))
end
