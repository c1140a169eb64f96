-- A date against a time: a source that records only dates has a start or an end on
-- another day, less than a day away; matched, or two unmatched records of one child.
with

disagreements as (
    select * from {{ ref('int_disagreements') }}
),

counterparts as (
    select * from {{ ref('int_unmatched_candidates') }}
),

thresholds as (
    {{ reason_thresholds(['coincidence_hours']) }}
),

apart as (
    select
        disagreements.agreement_id,
        counterparts.start_apart_hours as apart_hours,
    from disagreements
    cross join thresholds
    inner join counterparts
        on disagreements.agreement_id = counterparts.agreement_id
    where
        counterparts.is_authority_dated_only
        and counterparts.start_apart_hours <= thresholds.coincidence_hours
),

matched as (
    select
        disagreements.agreement_id,
        greatest(
            abs(coalesce(disagreements.start_difference_hours, 0)),
            abs(coalesce(disagreements.end_difference_hours, 0))
        ) as apart_hours,
    from disagreements
    cross join thresholds
    where
        disagreements.is_time_different
        and disagreements.police_is_dated_only != disagreements.authority_is_dated_only
        and greatest(
            abs(coalesce(disagreements.start_difference_hours, 0)),
            abs(coalesce(disagreements.end_difference_hours, 0))
        ) <= thresholds.coincidence_hours
),

every_one as (
    select * from apart
    union all
    select * from matched
),

final as (
    select
        agreement_id,
        'D7' as reason_code,
        'strong' as strength,
        'dates alone against moments, '
        || {{ number_text('apart_hours') }}
        || ' h beyond the day' as evidence,
    from every_one
)

select * from final
