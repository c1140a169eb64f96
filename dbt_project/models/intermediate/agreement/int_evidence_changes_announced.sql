-- A category compares with that of the other source: away with absent and no apparent
-- risk.
with

missed as (
    select * from {{ ref('int_disagreements_missed') }}
),

changes as (
    select * from {{ ref('int_recording_changes_announced') }}
    where left_out_from_date is not null
),

categories as (
    select * from {{ ref('ref__categories') }}
),

final as (
    select
        missed.agreement_id,
        max(changes.recording_change_id) as recording_change_id,
    from missed
    inner join changes
        on
            missed.supplier_code = changes.supplier_code
            and missed.start_date >= changes.left_out_from_date
            and missed.start_date < changes.left_out_until_date
            and (changes.under_hours is null or missed.hours < changes.under_hours)
    left join categories on changes.category_code = categories.category_code
    left join categories as held_categories
        on missed.category_held_code = held_categories.category_code
    where
        changes.category_code = 'every'
        or categories.comparison_code = held_categories.comparison_code
    group by missed.agreement_id
)

select * from final
