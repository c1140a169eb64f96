-- Absences that ended more than 3 days (72 hours) before the latest delivery and have
-- no interview yet. Of looked-after children, all such absences are listed; of other
-- children, only those in an authority's extract. If the child declined an offered
-- interview, none is owed.
with

known_on as (
    select cast(max(received_at) as date) as as_of_date
    from {{ ref('dim_deliveries') }}
    where outcome != 'rejected'
),

episodes as (
    select * from {{ ref('fct_episodes') }}
    where end_basis_code = 'recorded'
),

interviews as (
    {{ answers_by_episode(ref('fct_return_interviews'), has_time=false) }}
),

answered as (
    select
        episodes.episode_id_register,
        episodes.child_id_register,
        episodes.authority_code_dfe,
        episodes.police_force_code,
        episodes.child_version_id,
        episodes.authority_version_id,
        episodes.police_force_version_id,
        episodes.care_status_code,
        episodes.end_date,
        known_on.as_of_date,
        {{ elapsed_days('episodes.end_date', 'known_on.as_of_date') }} as days_since,
        interviews.acceptance_code,
        interviews.held_code,
        case
            when interviews.episode_id_register is null then 'absence_not_recorded'
            when interviews.offered_code = 'yes' then 'offered_not_held'
            when interviews.offered_code = 'no' then 'not_offered'
            else 'not_known'
        end as reason_code,
    from episodes
    cross join known_on
    left join interviews
        on episodes.episode_id_register = interviews.episode_id_register
    where
        interviews.episode_id_register is not null
        or episodes.care_status_code = 'looked_after'
),

final as (
    select
        episode_id_register,
        child_id_register,
        authority_code_dfe,
        police_force_code,
        child_version_id,
        authority_version_id,
        police_force_version_id,
        care_status_code,
        end_date,
        as_of_date,
        cast(days_since as integer) as days_since,
        reason_code,
    from answered
    where
        {{ is_interview_owed("reason_code = 'offered_not_held'") }}
        and days_since > 3
)

select * from final
