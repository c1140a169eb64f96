-- Hours to the interview run from the police time of return and, separately, from the
-- authority's end of the absence. The authority's end is often the time of entry. Dates
-- give a lowest and a highest number of hours. `is_within_72_hours` uses the police
-- time if there is one, and is null if the two numbers give different answers. An
-- answer that is not known is 'unknown', never 'no'.
{% set clocks = ['police', 'authority'] %}
with

interviews as (
    select * from {{ ref('int_return_interviews') }}
),

intervals as (
    select * from {{ ref('int_report_intervals') }}
),

placed as (
    select * from {{ ref('int_report_episodes') }}
),

authority_spans as (
    {{ version_spans(
        ref('dim_authorities'), 'authority_code_dfe', 'authority_version_id'
    ) }}
),

child_spans as (
    {{ version_spans(
        ref('int_child_versions'), 'child_id_register', 'child_version_id'
    ) }}
),

episodes as (
    select * from {{ ref('int_episode_times') }}
),

timed as (
    select
        interviews.*,
        case
            when intervals.report_key is not null
                then {{ register_key('R', 'interviews.report_key') }}
        end as report_id_register,
        placed.episode_id_register,
        intervals.child_id_register,
        child_versions.child_version_id,
        authority_versions.authority_version_id,
        {{ offer_columns() }},
        {{ function('latest_clock_moment') }}(
            interviews.held_at, interviews.held_precision
        )
            as held_by_at,
        episodes.police_back_from_at,
        episodes.police_back_by_at,
        case
            when
                coalesce(episodes.is_authority_end_sure, true)
                and not (
                    interviews.returned_precision = 'minute'
                    and {{ function('is_local_midnight') }}(interviews.returned_at)
                )
                then {{ function('earliest_moment') }}(interviews.returned_at)
        end as authority_back_from_at,
        {{ function('latest_clock_moment') }}(
            interviews.returned_at, interviews.returned_precision
        )
            as authority_back_by_at,
    from interviews
    left join intervals on interviews.report_key = intervals.report_key
    left join placed on interviews.report_key = placed.report_key
    left join episodes on placed.episode_id_register = episodes.episode_id_register
    {{ join_version(
        'child_spans', 'child_versions', 'child_id_register',
        'intervals.child_id_register', 'intervals.started_at'
    ) }}
    {{ join_version(
        'authority_spans', 'authority_versions', 'authority_code_dfe',
        'intervals.authority_code_dfe', 'intervals.start_date'
    ) }}
),

bounded as (
    select
        *,
        {% for clock in clocks %}
            {{ function('hours_between') }}(
                {{ clock }}_back_by_at, {{ function('earliest_moment') }}(held_at)
            )
                as {{ clock }}_hours_lower,
            {{ function('hours_between') }}({{ clock }}_back_from_at, held_by_at)
                as {{ clock }}_hours_upper,
        {% endfor %}
        case
            when police_back_by_at is not null then 'police'
            when authority_back_by_at is not null then 'authority'
        end as return_clock_code,
    from timed
),

-- If even the highest number of hours is negative, the interview took place before the
-- return. It cannot be about this absence.
judged as (
    select
        *,
        case
            when held_at is not null then 'yes'
            when offered_code = 'no' or acceptance_code = 'no' then 'no'
            else 'unknown'
        end as held_code,
        {% for clock in clocks %}
            case
                when {{ clock }}_hours_upper < 0 then null
                when {{ clock }}_hours_upper <= 72 then true
                when {{ clock }}_hours_lower > 72 then false
            end as is_within_72_hours_{{ clock }},
        {% endfor %}
        {% for bound in ['lower', 'upper'] %}
            case return_clock_code
                when 'police' then police_hours_{{ bound }}
                when 'authority' then authority_hours_{{ bound }}
            end as hours_from_return_{{ bound }},
        {% endfor %}
    from bounded
),

final as (
    select
        return_interview_id,
        {{ register_key('V', 'interview_key') }} as interview_id_register,
        report_id_register,
        episode_id_register,
        child_id_register,
        child_version_id,
        authority_version_id,
        supplier_code,
        _delivery_id as delivery_id,
        offered_code,
        acceptance_code,
        held_code,
        independent_code,
        offered_at,
        offered_precision,
        held_at,
        held_precision,
        returned_at,
        returned_precision,
        returned_at is not null as is_returned,
        return_clock_code,
        case
            when hours_from_return_lower = hours_from_return_upper
                then hours_from_return_upper
        end as hours_from_return,
        hours_from_return_lower,
        hours_from_return_upper,
        police_hours_lower as hours_from_police_return_lower,
        police_hours_upper as hours_from_police_return_upper,
        authority_hours_lower as hours_from_authority_return_lower,
        authority_hours_upper as hours_from_authority_return_upper,
        case return_clock_code
            when 'police' then is_within_72_hours_police
            when 'authority' then is_within_72_hours_authority
        end as is_within_72_hours,
        is_within_72_hours_police,
        is_within_72_hours_authority,
    from judged
)

select * from final
