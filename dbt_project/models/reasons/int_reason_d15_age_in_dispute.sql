-- The dates of birth in the two sources conflict, or the child is an adult by a date
-- that the police recorded. Two weaker signs are also looked for in absences that both
-- recorded. An unaccompanied child is near 18, and the police have recorded no other
-- absence of them. Or any child is so near their 18th birthday that a small error in
-- the date of birth would make them an adult.
with

crosswalk as (
    select * from {{ ref('int_child_crosswalk') }}
),

disagreements as (
    select * from {{ ref('int_disagreements') }}
),

versions as (
    select * from {{ ref('int_person_versions') }}
    where source = 'police' and birth_date is not null
),

-- The range of a child's dates of birth in police records.
disputed_ages as (
    select
        crosswalk.child_id_register,
        min(versions.birth_date) as first_birth_date,
        max(versions.birth_date) as last_birth_date,
        min({{ function('eighteenth_birthday') }}(versions.birth_date))
            as first_eighteenth_birthday_date,
    from versions
    inner join crosswalk on versions.mention_key = crosswalk.mention_key
    group by crosswalk.child_id_register
),

thresholds as (
    {{ reason_thresholds(
        ref('ref__reason_thresholds'), ['age_boundary_days', 'age_disputed_days']
    ) }}
),

agreement_rows as (
    select * from {{ ref('int_agreement_rows') }}
    where episode_id_register is not null and status != 'authority_only'
),

police_recorded as (
    select
        child_id_register,
        count(*) as absence_count,
    from agreement_rows
    group by child_id_register
),

expected_records as (
    select
        expected_records.*,
        {{ elapsed_days(
            'expected_records.start_date', 'expected_records.eighteenth_birthday_date'
        ) }} as days_to_birthday,
        expected_records.expected_source = 'police'
        and expected_records.authority_is_uasc
        and coalesce(police_recorded.absence_count, 0)
        = case when expected_records.is_missed then 0 else 1 end
            as is_unaccompanied_stranger,
    from {{ ref('int_expected_records') }} as expected_records
    left join police_recorded
        on expected_records.child_id_register = police_recorded.child_id_register
),

disputed as (
    select
        disagreements.agreement_id,
        'strong' as strength,
        case
            when disagreements.is_age_in_conflict
                then
                    'dates of birth '
                    || cast(abs(disagreements.birth_date_difference_days) as varchar)
                    || ' days apart'
            when
                disagreements.is_missed_by_police
                and disputed_ages.first_eighteenth_birthday_date
                <= disagreements.start_date
                then 'an adult by the police'
        end as evidence,
        cast(null as varchar) as expected_source,
        true as is_missed,
    from disagreements
    left join disputed_ages
        on disagreements.child_id_register = disputed_ages.child_id_register
),

near_eighteen as (
    select
        expected_records.agreement_id,
        case
            when
                expected_records.is_unaccompanied_stranger
                and expected_records.days_to_birthday <= thresholds.age_disputed_days
                then 'moderate'
            when expected_records.days_to_birthday <= thresholds.age_boundary_days
                then 'weak'
        end as strength,
        case
            when
                expected_records.is_unaccompanied_stranger
                and expected_records.days_to_birthday <= thresholds.age_disputed_days
                then
                    'unaccompanied, 18 within '
                    || cast(expected_records.days_to_birthday as varchar)
                    || ' days, and no other absence that the police recorded'
            else
                '18 within '
                || cast(expected_records.days_to_birthday as varchar)
                || ' days'
        end as evidence,
        expected_records.expected_source,
        expected_records.is_missed,
    from expected_records
    cross join thresholds
),

every_one as (
    select * from disputed
    where evidence is not null
    union all
    select * from near_eighteen
    where strength is not null
),

final as (
    select
        agreement_id,
        'D15' as reason_code,
        strength,
        evidence,
        expected_source,
        is_missed,
    from every_one
)

select * from final
