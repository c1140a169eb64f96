-- The register may have one child as two. There are three signs. The other source has
-- an absence at the same time, of another child who may be the same. Another child, who
-- is looked after, may be the same. The police say that the child is looked after and
-- left a placement, but no authority has such a child in care.
with

spells as (
    select * from {{ ref('int_care_spells') }}
),

disagreements as (
    select * from {{ ref('int_disagreements') }}
),

coincidences as (
    select * from {{ ref('int_coincident_episodes') }}
),

agreement_rows as (
    select * from {{ ref('int_agreement_rows') }}
    where care_status_code = 'home' and status = 'police_only'
),

review_pairs as (
    select * from {{ ref('int_possible_same_child') }}
    where not is_guarded
),

crosswalk as (
    select * from {{ ref('int_child_crosswalk') }}
    where source = 'authority'
),

-- Absences of a child without a period of care. A child in care, whom the register has
-- not linked with this child, may be the same.
suspected_care as (
    select
        agreement_rows.agreement_id,
        max(review_pairs.match_weight) as match_weight,
    from agreement_rows
    inner join review_pairs
        on agreement_rows.child_id_register = review_pairs.child_id_register
    inner join crosswalk
        on review_pairs.other_child_id_register = crosswalk.child_id_register
    inner join spells
        on
            crosswalk.mention_key = spells.mention_key
            and agreement_rows.start_date >= spells.spell_start_date
            and (
                spells.spell_end_date is null
                or agreement_rows.start_date < spells.spell_end_date
            )
    group by agreement_rows.agreement_id
),

judged as (
    select
        disagreements.agreement_id,
        coincidences.agreement_id is not null as is_strong,
        case
            when coincidences.agreement_id is not null
                then
                    'the other source has an absence '
                    || {{ number_text('coincidences.start_apart_hours') }}
                    || ' h away of a child who may be this one ('
                    || {{ number_text('coincidences.match_weight') }}
                    || ' bits)'
            when suspected_care.agreement_id is not null
                then
                    'a looked-after child may be this one ('
                    || {{ number_text('suspected_care.match_weight') }}
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
    left join suspected_care
        on disagreements.agreement_id = suspected_care.agreement_id
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
