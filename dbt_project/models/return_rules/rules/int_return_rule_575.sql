-- An end that was given but is not a date breaks rule 1005, not this rule.
with

missing_rows as (
    select * from {{ ref('int_return_missing') }}
),

episodes as (
    select * from {{ ref('int_return_episodes') }}
),

breached as (
    select * from missing_rows
    where
        not is_end_given
        and exists (
            select 1
            from episodes
            where
                episodes._delivery_id = missing_rows._delivery_id
                and episodes.child = missing_rows.child
                and missing_rows.mis_start_date
                between episodes.decom_date and episodes.dec_date
        )
),

final as (
    {{ return_breaches('575', 'missing', 'mis_end', 'breached') }}
)

select * from final
