-- What is true of each candidate, by the simulated truth. Open absences: whether the
-- child is still away, or is back. Return interviews: whether the absence ended within
-- 72 hours, or earlier, and no interview about it was held or declined in any record.
-- Third absence: the true number of absences. Known to one source: whether only one
-- source has records of the true child.
with

candidates as (
    select
        *,
        cast({{ dbt.dateadd('day', 1, 'as_of_date') }} as timestamp) as as_of_local_at,
    from {{ ref('int_task_candidates') }}
),

absences as (
    select * from {{ ref('stg_truth__absences') }}
),

reports as (
    select
        *,
        {{ register_key('R', 'report_key') }} as report_id_register,
    from {{ ref('int_true_reports') }}
),

interviews as (
    select * from {{ ref('fct_return_interviews') }}
),

nation as (
    select * from {{ ref('stg_truth__nation') }}
),

-- The true absences to which answers about an interview belong.
settled as (
    select distinct reports.absence_id_truth
    from reports
    inner join interviews
        on reports.report_id_register = interviews.report_id_register
    where
        interviews.held_code = 'yes'
        or (interviews.offered_code = 'yes' and interviews.acceptance_code = 'no')
),

-- An absence of the register is about the true child and the true absences of its
-- reports.
true_episodes as (
    select
        reports.agreement_id as episode_id_register,
        min(reports.person_id_truth) as person_id_truth,
        max(absences.end_at_local) as end_at_local,
        count(settled.absence_id_truth) > 0 as is_settled,
    from reports
    inner join absences on reports.absence_id_truth = absences.absence_id_truth
    left join settled
        on absences.recorded_absence_id_truth = settled.absence_id_truth
    group by reports.agreement_id
),

known_days as (
    select max(as_of_date) as as_of_date
    from candidates
),

true_absence_counts as (
    select
        absences.person_id_truth,
        count(*) as absence_count,
    from absences
    cross join known_days
    where
        absences.start_date <= known_days.as_of_date
        and {{ elapsed_days('absences.start_date', 'known_days.as_of_date') }}
        <= {{ var('repeat_window_days') }}
    group by absences.person_id_truth
),

true_source_counts as (
    select
        reports.person_id_truth,
        count(distinct reports.source) as source_count,
    from reports
    inner join absences on reports.absence_id_truth = absences.absence_id_truth
    cross join known_days
    where
        absences.start_date <= known_days.as_of_date
        and {{ elapsed_days('absences.start_date', 'known_days.as_of_date') }}
        <= {{ var('task_days') }}
    group by reports.person_id_truth
),

judged as (
    select
        candidates.task_code,
        candidates.is_listed,
        case candidates.task_code
            when 'away_now'
                then true_episodes.end_at_local > candidates.as_of_local_at
            when 'return_not_recorded'
                then true_episodes.end_at_local <= candidates.as_of_local_at
            when 'interview_due'
                then
                    not true_episodes.is_settled
                    and true_episodes.end_at_local <= candidates.as_of_local_at
                    and {{ dbt.dateadd('hour', 72, 'true_episodes.end_at_local') }}
                    >= candidates.as_of_local_at
            when 'interview_overdue'
                then
                    not true_episodes.is_settled
                    and {{ dbt.dateadd('hour', 72, 'true_episodes.end_at_local') }}
                    < candidates.as_of_local_at
            when 'third_absence'
                then
                    coalesce(true_absence_counts.absence_count, 0)
                    >= {{ var('repeat_trigger_count') }}
            else true_source_counts.source_count = 1
        end as is_true,
    from candidates
    inner join true_episodes
        on candidates.episode_id_register = true_episodes.episode_id_register
    left join true_absence_counts
        on true_episodes.person_id_truth = true_absence_counts.person_id_truth
    left join true_source_counts
        on true_episodes.person_id_truth = true_source_counts.person_id_truth
),

counted as (
    select
        task_code,
        count(*) as candidate_count,
        count(case when is_true then 1 end) as true_candidate_count,
        count(case when is_listed then 1 end) as listed_count,
        count(case when is_listed and is_true then 1 end) as true_listed_count,
    from judged
    group by task_code
),

final as (
    select
        counted.task_code,
        counted.listed_count,
        counted.true_listed_count,
        counted.candidate_count,
        counted.true_candidate_count,
        cast(counted.true_listed_count as double)
        / nullif(counted.listed_count, 0) as true_listed_share,
        {{ function('wilson_lower') }}(
            counted.true_listed_count, counted.listed_count
        ) as true_listed_share_lower,
        {{ function('wilson_upper') }}(
            counted.true_listed_count, counted.listed_count
        ) as true_listed_share_upper,
        cast(counted.true_candidate_count as double)
        / counted.candidate_count as baseline_share,
        nation.simulation_profile,
        nation.simulation_seed,
    from counted
    cross join nation
)

select * from final
