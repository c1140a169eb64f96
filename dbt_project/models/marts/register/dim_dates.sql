with

days as (
    select * from {{ ref('int_days') }}
),

final as (
    select
        date_day,
        cast(extract(year from date_day) as integer) as calendar_year,
        cast(extract(quarter from date_day) as integer) as calendar_quarter,
        cast(extract(month from date_day) as integer) as calendar_month,
        cast(extract(day from date_day) as integer) as day_of_month,
        cast(extract(isodow from date_day) as integer) as day_of_week,
        extract(isodow from date_day) in (6, 7) as is_weekend,
        {{ function('collection_year_of') }}(date_day) as collection_year,
        extract(month from date_day) = 3 and extract(day from date_day) = 31
            as is_collection_year_end,
    from days
)

select * from final
