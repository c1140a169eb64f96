with

suppliers as (
    select * from {{ ref('ref__suppliers') }}
),

final as (
    select
        supplier_code,
        max(supplier_name) as supplier_name,
        case
            when max(case when feed = 'police_reports' then 1 else 0 end) = 1
                then 'police'
            when max(case when feed = 'published_statistics' then 1 else 0 end) = 1
                then 'publisher'
            else 'authority'
        end as supplier_type,
        max(case when feed != 'authority_return' then delivery_calendar end)
            as delivery_calendar,
        max(case when feed != 'authority_return' then due_days end) as due_days,
        max(case when feed = 'authority_return' then delivery_calendar end)
            as return_calendar,
        max(case when feed = 'authority_return' then due_days end) as return_due_days,
        max(case when in_population then 1 else 0 end) = 1 as is_in_population,
    from suppliers
    group by supplier_code
    union all
    select
        'unknown' as supplier_code,
        'Not known' as supplier_name,
        'unknown' as supplier_type,
        cast(null as varchar) as delivery_calendar,
        cast(null as integer) as due_days,
        cast(null as varchar) as return_calendar,
        cast(null as integer) as return_due_days,
        false as is_in_population,
)

select * from final
