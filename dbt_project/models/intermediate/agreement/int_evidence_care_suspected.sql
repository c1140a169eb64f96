-- Absences of a child without a period of care who may be a child with one: the link
-- between the two waits for a person.
with

agreement_rows as (
    select * from {{ ref('int_agreement_rows_gathered') }}
    where care_status_code = 'home' and status = 'police_only'
),

review_pairs as (
    select * from {{ ref('int_evidence_review_pairs_found') }}
    where not is_guarded
),

crosswalk as (
    select * from {{ ref('int_child_crosswalk') }}
    where source = 'authority'
),

spells as (
    select * from {{ ref('int_care_spells_dated') }}
),

final as (
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
)

select * from final
