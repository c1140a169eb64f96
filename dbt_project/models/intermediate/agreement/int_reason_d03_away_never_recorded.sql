-- The police saw no risk, and the authority records no away at all in that year.
with

disagreements as (
    select * from {{ ref('int_disagreements_gathered') }}
),

away as (
    select * from {{ ref('int_evidence_away_counted') }}
    where away_count = 0
),

final as (
    select
        disagreements.agreement_id,
        'D3' as reason_code,
        case when away.has_no_away then 'strong' else 'weak' end as strength,
        '0 away, '
        || cast(round(away.away_expected_count, 1) as varchar)
        || ' to be expected beside '
        || cast(away.missing_count as varchar)
        || ' missing' as evidence,
    from disagreements
    inner join away
        on
            disagreements.authority_code_dfe = away.authority_code_dfe
            and disagreements.collection_year = away.collection_year
    where
        disagreements.is_missed_by_authority
        and disagreements.category_police_code in ('absent', 'no_apparent_risk')
)

select * from final
