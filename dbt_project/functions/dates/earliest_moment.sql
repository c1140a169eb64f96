case
    when
        {{ utc_to_london(dbt.dateadd('hour', -1, 'moment')) }}
        = {{ utc_to_london('moment') }}
        then {{ dbt.dateadd('hour', -1, 'moment') }}
    else moment
end
