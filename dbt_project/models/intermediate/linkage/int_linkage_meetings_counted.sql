-- A link between the sources matters to agreement by as many absences as it joins: the
-- police reports of the one that meet a report of the other in time. A false link whose
-- absences never meet makes no absence of both.
with

pairs as (
    select * from {{ ref('int_linkage_pairs_judged') }}
    where scope_code = 'between'
),

reports as (
    select
        mention_key,
        source,
        report_key,
        start_lower_at,
        coalesce(end_upper_at, start_upper_at) as meets_until_at,
    from {{ ref('int_report_intervals') }}
    where episode_exclusion_reason is null
),

police_reports as (
    select * from reports
    where source = 'police'
),

authority_reports as (
    select * from reports
    where source = 'authority'
),

facing as (
    select
        *,
        left_mention_key as police_mention_key,
        right_mention_key as authority_mention_key,
    from pairs
    union all
    select
        *,
        right_mention_key as police_mention_key,
        left_mention_key as authority_mention_key,
    from pairs
),

met as (
    select
        facing.basis_code,
        facing.left_mention_key,
        facing.right_mention_key,
        count(distinct police_reports.report_key) as meeting_count,
    from facing
    inner join police_reports
        on facing.police_mention_key = police_reports.mention_key
    inner join authority_reports
        on
            facing.authority_mention_key = authority_reports.mention_key
            and police_reports.start_lower_at <= authority_reports.meets_until_at
            and police_reports.meets_until_at >= authority_reports.start_lower_at
    group by
        facing.basis_code,
        facing.left_mention_key,
        facing.right_mention_key
),

final as (
    select
        pairs.*,
        met.meeting_count,
        pairs.pair_weight * met.meeting_count as meeting_weight,
    from pairs
    inner join met
        on
            pairs.basis_code = met.basis_code
            and pairs.left_mention_key = met.left_mention_key
            and pairs.right_mention_key = met.right_mention_key
)

select * from final
