cast(
    case
        when extract(month from birth_date) = 2 and extract(day from birth_date) = 29
            then {{ dbt.dateadd('day', 6575, 'birth_date') }}
        else {{ dbt.dateadd('year', 18, 'birth_date') }}
    end as date
)
