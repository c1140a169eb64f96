{%- do source('truth', 'absences') -%}

with

absences as (
    select * from {{ read_truth('absences') }}
),

final as (
    select
        absence_id as absence_id_truth,
        person_id as person_id_truth,
        cast(start_at_local as date) as start_date,
        start_at_local,
        end_at_local,
        authority_code_dfe,
        police_force_code,
        collection_year,
        is_in_care,
        is_short_break,
        nullif(police_cause, '') as police_cause_code,
        nullif(authority_cause, '') as authority_cause_code,
        nullif(cause, '') as cause_code,
        coalesce(nullif(difference_causes, ''), difference_causes_resubmitted)
            as difference_cause_codes,
        case when lumped_into >= 0 then lumped_into else absence_id end
            as recorded_absence_id_truth,
    from absences
)

select * from final
