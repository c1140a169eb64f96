-- The absence is outside the population of the authorities' returns: the child was on a
-- series of short breaks, or an authority outside England placed the child.
with

reports as (
    select * from {{ ref('int_police_reports') }}
),

districts as (
    select * from {{ ref('ref__districts_wales') }}
),

crosswalk as (
    select * from {{ ref('int_child_crosswalk') }}
),

disagreements as (
    select * from {{ ref('int_disagreements') }}
),

-- Children for whom police reports name an authority in Wales as responsible: no
-- authority in England includes them in its return.
outside_placements as (
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
),

final as (
    select
        disagreements.agreement_id,
        'D16' as reason_code,
        'strong' as strength,
        case
            when disagreements.care_status_code = 'short_break'
                then 'a series of short breaks'
            else
                cast(outside_placements.report_count as varchar)
                || ' reports name an authority of Wales'
        end as evidence,
    from disagreements
    left join outside_placements
        on disagreements.child_id_register = outside_placements.child_id_register
    where
        disagreements.care_status_code = 'short_break'
        or (
            disagreements.status = 'police_only'
            and disagreements.care_status_code in ('home', 'unknown')
            and outside_placements.child_id_register is not null
        )
)

select * from final
