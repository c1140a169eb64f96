-- Two records of one child that the register holds for two: a link that waits for a
-- person and an absence at the same time, or signs of care without a period of care.
with

disagreements as (
    select * from {{ ref('int_disagreements_gathered') }}
),

coincidences as (
    select * from {{ ref('int_evidence_coincidences_found') }}
),

suspicions as (
    select * from {{ ref('int_evidence_care_suspected') }}
),

judged as (
    select
        disagreements.agreement_id,
        coincidences.agreement_id is not null as is_strong,
        case
            when coincidences.agreement_id is not null
                then
                    'the other source has an absence '
                    || cast(round(coincidences.start_apart_hours, 1) as varchar)
                    || ' h away of a child who may be this one ('
                    || cast(round(coincidences.match_weight, 1) as varchar)
                    || ' bits)'
            when suspicions.agreement_id is not null
                then
                    'a looked-after child may be this one ('
                    || cast(round(suspicions.match_weight, 1) as varchar)
                    || ' bits)'
            when
                disagreements.status = 'police_only'
                and disagreements.care_status_code in ('home', 'unknown')
                and disagreements.looked_after_flag_code = 'yes'
                and disagreements.location_type_code
                in ('childrens_home', 'foster', 'semi_independent')
                then
                    'police: looked after, from '
                    || disagreements.location_type_code
                    || '; no authority has such a child'
        end as evidence,
    from disagreements
    left join coincidences
        on disagreements.agreement_id = coincidences.agreement_id
    left join suspicions
        on disagreements.agreement_id = suspicions.agreement_id
),

final as (
    select
        agreement_id,
        'D13' as reason_code,
        case when is_strong then 'strong' else 'weak' end as strength,
        evidence,
    from judged
    where evidence is not null
)

select * from final
