-- Another version of the period exists: one sent later that is not in the register yet,
-- or one before the amendment that had more rows. See int_evidence_snapshots_amended.
with

disagreements as (
    select * from {{ ref('int_disagreements_gathered') }}
),

snapshots as (
    select * from {{ ref('int_evidence_snapshots_amended') }}
),

missed as (
    select
        agreement_id,
        start_date,
        case when is_missed_by_authority then 'authority' else 'police' end as source,
        case
            when is_missed_by_authority then authority_code_dfe
            else police_force_code
        end as supplier_code,
    from disagreements
    where is_missed_by_authority or is_missed_by_police
),

final as (
    select
        missed.agreement_id,
        'D12' as reason_code,
        'weak' as strength,
        case
            when snapshots.has_held_version then 'a later version of the period is held'
            else
                'an earlier version of the period had '
                || cast(snapshots.more_row_count as varchar)
                || ' rows more'
        end as evidence,
    from missed
    inner join snapshots
        on
            missed.source = snapshots.source
            and missed.supplier_code = snapshots.supplier_code
            and missed.start_date >= snapshots.period_start
            and missed.start_date <= snapshots.period_end
)

select * from final
