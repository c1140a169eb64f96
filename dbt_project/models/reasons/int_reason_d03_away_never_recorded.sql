-- The police recorded no apparent risk, and the authority recorded no away absence in
-- that year although some were to be expected. For comparison, absences of no apparent
-- risk that both sources recorded are included, whichever authority recorded them.
with

expected_records as (
    select * from {{ ref('int_expected_records') }}
    where
        expected_source = 'authority'
        and category_police_code in ('absent', 'no_apparent_risk')
),

agreement_rows as (
    select * from {{ ref('int_agreement_rows') }}
    where episode_id_register is not null
),

thresholds as (
    {{ reason_thresholds(ref('ref__reason_thresholds'), ['away_expected_count']) }}
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

-- For each authority and year: the number of away absences that it recorded, and the
-- expected number. That is its number of missing absences times the ratio of away to
-- missing absences over all authorities and years.
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

final as (
    select
        expected_records.agreement_id,
        'D3' as reason_code,
        'strong' as strength,
        '0 away, '
        || {{ number_text('away_counts.away_expected_count') }}
        || ' to be expected beside '
        || cast(away_counts.missing_count as varchar)
        || ' missing' as evidence,
        expected_records.expected_source,
        expected_records.is_missed,
    from expected_records
    inner join away_counts
        on
            expected_records.authority_code_dfe = away_counts.authority_code_dfe
            and expected_records.collection_year = away_counts.collection_year
    where away_counts.has_no_away or not expected_records.is_missed
)

select * from final
