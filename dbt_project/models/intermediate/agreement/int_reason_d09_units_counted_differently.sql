-- One source counts one long absence where the other counts several.
with

disagreements as (
    select * from {{ ref('int_disagreements_gathered') }}
),

neighbours as (
    select * from {{ ref('int_evidence_neighbours_found') }}
),

matched as (
    select
        agreement_id,
        'police '
        || cast(police_absence_count as varchar)
        || ', authority '
        || cast(authority_absence_count as varchar)
        || ' absences' as evidence,
        'strong' as strength,
    from disagreements
    where status = 'both' and not is_counted_alike
),

around as (
    select distinct
        disagreements.agreement_id,
        'an absence in one source alone lies within it' as evidence,
        'weak' as strength,
    from disagreements
    inner join neighbours
        on disagreements.agreement_id = neighbours.neighbour_agreement_id
    where disagreements.is_time_different
),

beside as (
    select
        disagreements.agreement_id,
        'within an absence that both hold' as evidence,
        'weak' as strength,
    from disagreements
    inner join neighbours on disagreements.agreement_id = neighbours.agreement_id
),

every_one as (
    select * from matched
    union all
    select * from around
    union all
    select * from beside
),

final as (
    select
        agreement_id,
        'D9' as reason_code,
        strength,
        evidence,
    from every_one
)

select * from final
