case
    when precision_code = 'date'
        then {{ london_to_utc(dbt.dateadd('day', 1, utc_to_london('moment'))) }}
    else moment
end
