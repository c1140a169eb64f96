-- How a supplier records a category stays the same until the next change to this
-- category that the supplier announced.
with

decisions as (
    select * from {{ ref('stg_decisions__recording_changes') }}
),

latest as (
    select
        *,
        row_number() over (
            partition by supplier_code, category_code, changed_from_date
            order by recorded_at desc, _row_number desc
        ) as decision_rank,
    from decisions
),

standing as (
    select
        *,
        lag(changed_from_date) over (
            partition by supplier_code, category_code order by changed_from_date
        ) as changed_before_date,
        lead(changed_from_date) over (
            partition by supplier_code, category_code order by changed_from_date
        ) as changed_next_date,
    from latest
    where decision_rank = 1 and decision != 'void'
),

final as (
    select
        {{ joined_key(['supplier_code', 'changed_from_date', 'category_code']) }}
            as recording_change_id,
        supplier_code,
        category_code,
        changed_from_date,
        change_code,
        under_hours,
        case left_out
            when 'since' then changed_from_date
            when 'before'
                then coalesce(changed_before_date, cast('1900-01-01' as date))
        end as left_out_from_date,
        case left_out
            when 'since' then coalesce(changed_next_date, cast('9999-12-31' as date))
            when 'before' then changed_from_date
        end as left_out_until_date,
    from standing
)

select * from final
