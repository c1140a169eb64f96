-- Fails when a report that is landed and current is not in fct_reports, or a row of it
-- is not counted as one of its versions: distinct references and rows must both add up,
-- feed by feed.
with

staged as (
    select
        'police_reports' as feed,
        count(distinct supplier_code || '|' || report_ref) as report_count,
        count(*) as staged_row_count,
    from {{ ref('stg_police_reports__reports') }}
    union all
    select
        'authority_extract' as feed,
        count(distinct supplier_code || '|' || miss_table_id) as report_count,
        count(*) as staged_row_count,
    from {{ ref('stg_authority_extract__ssd_missing') }}
    union all
    select
        'authority_return' as feed,
        count(distinct supplier_code || '|' || {{ return_absence_id() }})
            as report_count,
        count(*) as staged_row_count,
    from {{ ref('stg_authority_return__missing') }}
),

published as (
    select
        feed,
        count(*) as report_count,
        sum(version_count) as version_count,
    from {{ ref('fct_reports') }}
    group by feed
),

final as (
    select staged.*
    from staged
    left join published on staged.feed = published.feed
    where
        coalesce(published.report_count, 0) != staged.report_count
        or coalesce(published.version_count, 0) != staged.staged_row_count
)

select * from final
