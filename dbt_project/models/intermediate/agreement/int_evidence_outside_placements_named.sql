-- Children of whom a police report says that an authority of Wales looks after them:
-- no authority of England will return them.
with

reports as (
    select * from {{ ref('int_police_reports_latest') }}
),

districts as (
    select * from {{ ref('ref__districts_wales') }}
),

crosswalk as (
    select * from {{ ref('int_child_crosswalk') }}
),

final as (
    select
        crosswalk.child_id_register,
        count(*) as report_count,
    from reports
    inner join districts
        on
            lower(trim(reports.care_authority_source))
            = lower(districts.district_name)
    inner join crosswalk on reports.mention_key = crosswalk.mention_key
    group by crosswalk.child_id_register
)

select * from final
