-- The sources give two ages, or the police record the child as an adult, or may: an
-- unaccompanied child near 18 without a police record as a child. Near the birthday a
-- small error is enough.
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

-- The latest and the earliest 18th birthday of a child by police records.
disputed_ages as (
    select
        crosswalk.child_id_register,
        min(versions.birth_date) as first_birth_date,
        max(versions.birth_date) as last_birth_date,
        min(eighteenth_birthday(versions.birth_date))
            as first_eighteenth_birthday_date,
    from versions
    inner join crosswalk on versions.mention_key = crosswalk.mention_key
    group by crosswalk.child_id_register
),

thresholds as (
    {{ reason_thresholds(['age_boundary_days', 'age_disputed_days']) }}
),

known_children as (
    select distinct child_id_register
    from {{ ref('int_child_crosswalk') }}
    where source = 'police'
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
                and disputed_ages.first_eighteenth_birthday_date
                <= disagreements.start_date
                then 'an adult by the police'
        end as strong_evidence,
        {{ elapsed_days(
            'disagreements.start_date', 'disagreements.eighteenth_birthday_date'
        ) }} as days_to_birthday,
        disagreements.is_missed_by_police
        and disagreements.authority_is_uasc
        and known_children.child_id_register is null as is_unaccompanied_stranger,
        thresholds.age_boundary_days,
        thresholds.age_disputed_days,
    from disagreements
    cross join thresholds
    left join disputed_ages
        on disagreements.child_id_register = disputed_ages.child_id_register
    left join known_children
        on disagreements.child_id_register = known_children.child_id_register
),

graded as (
    select
        *,
        case
            when strong_evidence is not null then 'strong'
            when is_unaccompanied_stranger and days_to_birthday <= age_disputed_days
                then 'moderate'
            when days_to_birthday <= age_boundary_days then 'weak'
        end as strength,
    from judged
),

final as (
    select
        agreement_id,
        'D15' as reason_code,
        strength,
        case strength
            when 'strong' then strong_evidence
            when 'moderate'
                then
                    'unaccompanied, 18 within '
                    || cast(days_to_birthday as varchar)
                    || ' days, and no child that the police know'
            else '18 within ' || cast(days_to_birthday as varchar) || ' days'
        end as evidence,
    from graded
    where strength is not null
)

select * from final
