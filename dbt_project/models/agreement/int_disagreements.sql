-- A row needs a reason if one source alone recorded the absence. It also needs one if
-- both recorded it, but with different values, as different numbers of absences, or
-- with an end in one source only.
with

agreement_rows as (
    select * from {{ ref('int_agreement_rows') }}
),

fields as (
    select * from {{ ref('int_agreement_fields') }}
    where is_disagreement
),

final as (
    select
        agreement_rows.*,
        fields.category_agreement_code,
        fields.start_agreement_code,
        fields.end_agreement_code,
        fields.looked_after_agreement_code,
        fields.birth_date_difference_days,
        fields.is_counted_alike,
        fields.is_age_in_conflict,
        agreement_rows.status = 'both'
        and (
            fields.start_agreement_code = 'differs'
            or fields.end_agreement_code = 'differs'
        ) as is_time_different,
        agreement_rows.status = 'police_only'
        and agreement_rows.care_status_code = 'looked_after'
        and coalesce(agreement_rows.is_authority_covered, false)
            as is_missed_by_authority,
        agreement_rows.status = 'authority_only'
        and coalesce(agreement_rows.is_police_covered, false)
        and agreement_rows.episode_id_register is not null as is_missed_by_police,
    from agreement_rows
    inner join fields on agreement_rows.agreement_id = fields.agreement_id
)

select * from final
