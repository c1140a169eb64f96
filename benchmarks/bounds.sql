-- One row for each measure, authority and period: the truth, the published bounds, the
-- count by recorded times, and the highest possible count. Only looked-after children,
-- as the register knows them.
with

police_words as (
    select
        true_reports.absence_id_truth as absence_id,
        max(case when reports.category_code = 'missing' then 1 else 0 end) = 1 as is_missing,
    from warehouse.intermediate.int_true_reports as true_reports
    inner join warehouse.intermediate.int_report_intervals as reports using (report_key)
    where true_reports.source = 'police'
    group by true_reports.absence_id_truth
),

placed as (
    select
        true_reports.absence_id_truth as absence_id,
        report_episodes.episode_id_register,
    from warehouse.intermediate.int_true_reports as true_reports
    inner join warehouse.intermediate.int_report_episodes as report_episodes using (report_key)
),

-- Absences of which a counted report reached the register, and for whose child the
-- register can know the care status. It cannot where the authority has not delivered
-- that day.
received as (
    select distinct absence_id
    from placed
    inner join register_of_home.register.fct_episodes using (episode_id_register)
    where care_status_code != 'unknown'
),

absences as (
    select
        absences.*,
        timezone('UTC', timezone('Europe/London', end_at_local)) as end_at,
        timezone('UTC', timezone('Europe/London', start_at_local)) as start_at,
        coalesce(police_words.is_missing, false)
        or (absences.is_delivered_authority and absences.category = 'M') as is_missing,
    from '$truth/absences.parquet' as absences
    inner join received using (absence_id)
    left join police_words using (absence_id)
    where absences.is_in_care and not absences.is_short_break
),

long_absences as (
    select * from absences
    where is_missing and end_at - start_at > interval 24 hours
),

episodes as (
    select
        *,
        ended_at - started_at > interval 24 hours as is_long,
    from register_of_home.register.fct_episodes
    where care_status_code = 'looked_after' and category_code = 'missing'
),

measures as (
    select area_code as authority_code_dfe, *
    from register_of_home.agreement.agg_measures_by_area_year
    where area_level_code = 'authority' and population_code = 'looked_after'
        and basis_code = 'register'
),

true_over as (
    select
        authority_code_dfe, collection_year,
        count(distinct person_id) as children,
        count(*) as absences,
    from long_absences
    group by all
),

points as (
    select
        authority_code_dfe, collection_year,
        count(distinct child_id_register) filter (where is_long) as children,
        count(*) filter (where is_long) as absences,
    from episodes
    group by all
),

over_24_hours as (
    select
        authority_code_dfe,
        collection_year as period,
        coalesce(true_over.children, 0) as true_children,
        coalesce(over_24_hours_children_count_lower, 0) as children_lower,
        coalesce(over_24_hours_children_count_upper, 0) as children_upper,
        coalesce(points.children, 0) as point_children,
        coalesce(missing_children_count, 0) as most_children,
        coalesce(true_over.absences, 0) as true_absences,
        coalesce(over_24_hours_episode_count_lower, 0) as absences_lower,
        coalesce(over_24_hours_episode_count_upper, 0) as absences_upper,
        coalesce(points.absences, 0) as point_absences,
        coalesce(missing_episode_count, 0) as most_absences,
    from measures
    full outer join true_over using (authority_code_dfe, collection_year)
    left join points using (authority_code_dfe, collection_year)
),

counted_open as (
    select
        area_code as authority_code_dfe,
        as_of_date,
        sum(episode_count_lowest) as lower,
        sum(episode_count_highest) as upper,
        sum(episode_count) as point,
    from register_of_home.agreement.agg_open_episodes_by_area
    where area_level_code = 'authority' and population_code = 'looked_after'
    group by area_code, as_of_date
),

open_days as (
    select
        authorities.authority_code_dfe,
        days.as_of_date,
    from (select distinct authority_code_dfe from measures) as authorities
    cross join
        (select distinct as_of_date from register_of_home.agreement.agg_open_episodes_by_area)
        as days
),

open_absences as (
    select
        open_days.authority_code_dfe,
        cast(open_days.as_of_date as text) as period,
        (
            select count(*)
            from absences
            where absences.authority_code_dfe = open_days.authority_code_dfe
                and cast(absences.start_at_local as date) <= open_days.as_of_date
                and cast(absences.end_at_local as date) > open_days.as_of_date
        ) as truth,
        coalesce(counted_open.lower, 0) as lower,
        coalesce(counted_open.upper, 0) as upper,
        coalesce(counted_open.point, 0) as point,
        (
            select count(*)
            from register_of_home.register.fct_episodes as counted
            where counted.authority_code_dfe = open_days.authority_code_dfe
                and counted.care_status_code = 'looked_after'
                and counted.start_date <= open_days.as_of_date
        ) as most,
    from open_days
    left join counted_open using (authority_code_dfe, as_of_date)
),

true_ends as (
    select
        placed.episode_id_register,
        max(timezone('UTC', timezone('Europe/London', end_at_local))) as last_end_at,
    from placed
    inner join '$truth/absences.parquet' as true_absences using (absence_id)
    group by placed.episode_id_register
),

held as (
    select
        episodes.authority_code_dfe, episodes.collection_year, interviews.episode_id_register,
        max(cast(interviews.held_at <= true_ends.last_end_at + interval 72 hours as integer))
            as is_in_time,
        max(cast(interviews.held_at <= interviews.returned_at + interval 72 hours as integer))
            as is_in_time_as_recorded,
    from register_of_home.register.fct_return_interviews as interviews
    inner join register_of_home.register.fct_episodes as episodes using (episode_id_register)
    inner join true_ends using (episode_id_register)
    where interviews.held_at is not null
        and episodes.end_basis_code = 'recorded'
        and episodes.care_status_code = 'looked_after'
    group by all
),

interviews as (
    select
        counted.area_code as authority_code_dfe, counted.collection_year as period,
        sum(held.is_in_time) as truth,
        counted.within_72_hours_count as lower,
        counted.within_72_hours_count + counted.within_72_hours_unknown_count as upper,
        sum(held.is_in_time_as_recorded) as point,
        counted.held_count as most,
    from register_of_home.agreement.agg_return_interviews_by_area_year as counted
    inner join held on counted.area_code = held.authority_code_dfe
        and counted.collection_year = held.collection_year
    where counted.area_level_code = 'authority' and counted.population_code = 'looked_after'
    group by all
)

select 'over_24_hours_children', authority_code_dfe, period, true_children, children_lower,
    children_upper, point_children, most_children,
from over_24_hours
union all
select 'over_24_hours_absences', authority_code_dfe, period, true_absences, absences_lower,
    absences_upper, point_absences, most_absences,
from over_24_hours
union all
select 'open_absences', * from open_absences
union all
select 'within_72_hours', * from interviews
