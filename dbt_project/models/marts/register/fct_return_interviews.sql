-- Unknown is separate from no. Times known to the day only give bounds: within 72 hours
-- is set where both bounds agree, and null where they do not.
with

interviews as (
    select * from {{ ref('int_return_interviews') }}
),

reports as (
    select * from {{ ref('fct_reports') }}
),

timed as (
    select
        *,
        case
            when held_at is not null or offered_at is not null then 'yes'
            else interview_offered_code
        end as offered_code,
        case
            when held_at is not null then 'yes'
            when accepted_code != 'unknown' then accepted_code
            else interview_accepted_code
        end as acceptance_code,
        hours_between(
            latest_moment(returned_at, returned_precision), held_at
        ) as hours_from_return_lower,
        hours_between(
            returned_at, latest_moment(held_at, held_precision)
        ) as hours_from_return_upper,
    from interviews
),

judged as (
    select
        *,
        case
            when held_at is not null then 'yes'
            when offered_code = 'no' or acceptance_code = 'no' then 'no'
            else 'unknown'
        end as held_code,
        case
            when hours_from_return_upper < 0 then null
            when hours_from_return_upper <= 72 then true
            when hours_from_return_lower > 72 then false
        end as is_within_72_hours,
    from timed
),

final as (
    select
        {{ surrogate_key([
            'judged.interview_key', 'judged.report_key', 'judged.supplier_code'
        ]) }} as return_interview_id,
        {{ register_key('V', 'judged.interview_key') }} as interview_id_register,
        reports.report_id_register,
        reports.episode_id_register,
        reports.child_id_register,
        judged.supplier_code,
        judged._delivery_id as delivery_id,
        judged.offered_code,
        judged.acceptance_code,
        judged.held_code,
        judged.independent_code,
        judged.offered_at,
        judged.offered_precision,
        judged.held_at,
        judged.held_precision,
        judged.returned_at,
        judged.returned_precision,
        judged.returned_at is not null as is_returned,
        case
            when
                judged.held_precision = 'minute'
                and judged.returned_precision = 'minute'
                then judged.hours_from_return_upper
        end as hours_from_return,
        judged.hours_from_return_lower,
        judged.hours_from_return_upper,
        judged.is_within_72_hours,
    from judged
    left join reports
        on {{ register_key('R', 'judged.report_key') }} = reports.report_id_register
)

select * from final
