-- The police recorded no apparent risk, and the authority recorded no away absence in
-- that year.
with

disagreements as (
    select * from {{ ref('int_disagreements') }}
),

agreement_rows as (
    select * from {{ ref('int_agreement_rows') }}
    where episode_id_register is not null
),

thresholds as (
    {{ reason_thresholds(['away_expected_count']) }}
),

counted as (
    select
        authority_code_dfe,
        collection_year,
        sum(case when category_authority_code = 'away' then 1 else 0 end) as away_count,
        sum(case when category_authority_code = 'missing' then 1 else 0 end)
            as missing_count,
    from agreement_rows
    group by authority_code_dfe, collection_year
),

expected as (
    select
        *,
        missing_count * cast(sum(away_count) over () as double)
        / nullif(sum(missing_count) over (), 0) as away_expected_count,
    from counted
),

-- What an authority records in a year, and how much away was to be expected of it at
-- the ratio of away to missing of all authorities together.
away_counts as (
    select
        expected.*,
        coalesce(
            expected.away_count = 0
            and expected.away_expected_count >= thresholds.away_expected_count,
            false
        ) as has_no_away,
    from expected
    cross join thresholds
),

away as (
    select * from away_counts
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
