with

merged as (
    select * from {{ ref('int_feed_absences_merged') }}
),

grouped as (
    select * from {{ ref('int_authority_absences_grouped') }}
),

final as (
    select
        merged.report_key,
        merged.child_id_register,
        merged.source,
        merged.feed,
        coalesce(grouped.group_key, merged.feed_absence_key) as source_absence_key,
    from merged
    left join grouped on merged.feed_absence_key = grouped.absence_key
)

select * from final
