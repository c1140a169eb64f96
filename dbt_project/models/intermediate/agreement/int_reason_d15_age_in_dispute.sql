-- The sources give two ages, or the police take the child for an adult; near the 18th
-- birthday a small error does.
with

disagreements as (
    select * from {{ ref('int_disagreements_gathered') }}
),

ages as (
    select * from {{ ref('int_evidence_ages_disputed') }}
),

thresholds as (
    {{ reason_thresholds(['age_boundary_days']) }}
),

judged as (
    select
        disagreements.agreement_id,
        case
            when disagreements.is_age_in_conflict
                then
                    'dates of birth '
                    || cast(abs(disagreements.birth_date_difference_days) as varchar)
                    || ' days apart'
            when
                disagreements.is_missed_by_police
                and ages.first_eighteenth_birthday_date <= disagreements.start_date
                then 'an adult by the police'
        end as strong_evidence,
        {{ elapsed_days(
            'disagreements.start_date', 'disagreements.eighteenth_birthday_date'
        ) }} as days_to_birthday,
        thresholds.age_boundary_days,
    from disagreements
    cross join thresholds
    left join ages on disagreements.child_id_register = ages.child_id_register
),

final as (
    select
        agreement_id,
        'D15' as reason_code,
        case when strong_evidence is not null then 'strong' else 'weak' end as strength,
        coalesce(
            strong_evidence,
            '18 within ' || cast(days_to_birthday as varchar) || ' days'
        ) as evidence,
    from judged
    where strong_evidence is not null or days_to_birthday <= age_boundary_days
)

select * from final
