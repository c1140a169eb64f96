-- If a child is still missing on their 18th birthday, the return ends both the missing
-- period and the episode of care on that day. Only the reason of such an episode is
-- checked. A child born on 29 February has the birthday on 28 February.
with

missing_rows as (
    select * from {{ ref('int_return_missing') }}
),

episodes as (
    select * from {{ ref('int_return_episodes') }}
),

breached as (
    select * from episodes
    where
        coalesce(rec, '') <> 'E8'
        and exists (
            select 1
            from missing_rows
            where
                missing_rows._delivery_id = episodes._delivery_id
                and missing_rows.child = episodes.child
                and missing_rows.mis_end_date = episodes.dec_date
                and cast(
                    {{ dbt.dateadd('year', 18, 'missing_rows.dob_date') }} as date
                ) = episodes.dec_date
        )
),

final as (
    {{ return_breaches('580', 'episodes', 'rec', 'breached') }}
)

select * from final
