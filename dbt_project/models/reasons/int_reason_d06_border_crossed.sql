-- Both sources recorded the absence, and several police forces reported it. Or only one
-- source recorded it, and it falls to another force than the authority's own. Absences
-- that fall to another force and that both recorded are included for comparison. If the
-- authority lacks an absence of a child placed outside its area, the reason is D5
-- instead.
with

disagreements as (
    select * from {{ ref('int_disagreements') }}
),

expected_records as (
    select * from {{ ref('int_expected_records') }}
),

authorities as (
    select * from {{ ref('int_authority_periods') }}
),

reported_twice as (
    select
        agreement_id,
        'strong' as strength,
        cast(police_supplier_count as varchar) || ' forces reported it' as evidence,
        cast(null as varchar) as expected_source,
        true as is_missed,
    from disagreements
    where status = 'both' and police_supplier_count > 1
),

of_another_force as (
    select
        expected_records.agreement_id,
        'weak' as strength,
        'force '
        || expected_records.police_force_code
        || ', the authority''s '
        || authorities.police_force_code as evidence,
        expected_records.expected_source,
        expected_records.is_missed,
    from expected_records
    inner join authorities
        on
            expected_records.authority_code_dfe = authorities.authority_code_dfe
            and expected_records.start_date >= authorities.valid_from
            and expected_records.start_date
            <= coalesce(authorities.valid_to, cast('9999-12-31' as date))
    where
        expected_records.police_force_code != authorities.police_force_code
        and expected_records.police_force_code != 'unknown'
        and (
            expected_records.expected_source = 'police'
            or not coalesce(expected_records.is_out_of_area, false)
        )
),

every_one as (
    select * from reported_twice
    union all
    select * from of_another_force
),

final as (
    select
        agreement_id,
        'D6' as reason_code,
        strength,
        evidence,
        expected_source,
        is_missed,
    from every_one
)

select * from final
