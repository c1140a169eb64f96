-- Outside the population of the authorities' returns: a series of short breaks, or a
-- child placed by an authority outside England.
with

disagreements as (
    select * from {{ ref('int_disagreements_gathered') }}
),

placements as (
    select * from {{ ref('int_evidence_outside_placements_named') }}
),

final as (
    select
        disagreements.agreement_id,
        'D16' as reason_code,
        'strong' as strength,
        case
            when disagreements.care_status_code = 'short_break'
                then 'a series of short breaks'
            else
                cast(placements.report_count as varchar)
                || ' reports name an authority of Wales'
        end as evidence,
    from disagreements
    left join placements
        on disagreements.child_id_register = placements.child_id_register
    where
        disagreements.care_status_code = 'short_break'
        or (
            disagreements.status = 'police_only'
            and disagreements.care_status_code in ('home', 'unknown')
            and placements.child_id_register is not null
        )
)

select * from final
