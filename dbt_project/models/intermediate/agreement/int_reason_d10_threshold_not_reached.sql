-- Short, and of an authority that holds hardly any absence as short. See
-- int_evidence_durations_profiled.
with

disagreements as (
    select * from {{ ref('int_disagreements_gathered') }}
),

profiles as (
    select * from {{ ref('int_evidence_durations_profiled') }}
),

final as (
    select
        disagreements.agreement_id,
        'D10' as reason_code,
        'strong' as strength,
        'under '
        || cast(profiles.threshold_hours as varchar)
        || ' h, of which the authority holds '
        || cast(cast(round(100 * profiles.short_held_share, 0) as integer) as varchar)
        || ' % and of longer '
        || cast(cast(round(100 * profiles.long_held_share, 0) as integer) as varchar)
        || ' %' as evidence,
    from disagreements
    inner join profiles
        on disagreements.authority_code_dfe = profiles.authority_code_dfe
    where
        disagreements.is_missed_by_authority
        and hours_between(
            disagreements.police_start_lower_at, disagreements.police_end_lower_at
        ) < profiles.threshold_hours
)

select * from final
