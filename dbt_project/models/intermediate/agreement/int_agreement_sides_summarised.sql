-- What the reports of one source say of an episode, with who it was by their own
-- words. The first report speaks for what only one can say.
with

intervals as (
    select * from {{ ref('int_report_intervals') }}
),

placed as (
    select * from {{ ref('int_report_episodes') }}
),

details as (
    select * from {{ ref('int_mention_details_chosen') }}
),

reports as (
    select
        placed.episode_id_register,
        placed.source_absence_key,
        intervals.*,
        row_number() over (
            partition by placed.episode_id_register, intervals.source
            order by intervals.start_lower_at, intervals.report_key
        ) as source_rank,
    from placed
    inner join intervals on placed.report_key = intervals.report_key
),

summed as (
    select
        episode_id_register,
        source,
        count(*) as report_count,
        count(distinct source_absence_key) as absence_count,
        count(distinct supplier_code) as supplier_count,
        sum(case when feed = 'authority_extract' then 1 else 0 end) as extract_count,
        min(start_lower_at) as start_lower_at,
        min(start_upper_at) as start_upper_at,
        max(end_lower_at) as end_lower_at,
        max(end_upper_at) as end_upper_at,
        sum(case when end_lower_at is null then 1 else 0 end) as endless_count,
        max(case when start_precision = 'minute' then 1 else 0 end) = 0
            as is_dated_only,
        min(first_received_at) as first_received_at,
        max(case when source_rank = 1 then supplier_code end) as supplier_code,
        max(case when source_rank = 1 then mention_key end) as mention_key,
        max(case when source_rank = 1 then location_type_code end)
            as location_type_code,
        max(case when source_rank = 1 then missing_from_postcode end)
            as missing_from_postcode,
    from reports
    group by episode_id_register, source
),

final as (
    select
        summed.*,
        details.birth_date,
        details.sex_code,
        details.ethnicity_group_code,
        details.is_uasc,
    from summed
    left join details on summed.mention_key = details.mention_key
)

select * from final
