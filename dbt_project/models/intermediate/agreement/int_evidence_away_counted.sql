-- What an authority records in a year, and how much away was to be expected of it at
-- the ratio of away to missing of all authorities together.
with

agreement_rows as (
    select * from {{ ref('int_agreement_rows_gathered') }}
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

final as (
    select
        expected.*,
        coalesce(
            expected.away_count = 0
            and expected.away_expected_count >= thresholds.away_expected_count,
            false
        ) as has_no_away,
    from expected
    cross join thresholds
)

select * from final
