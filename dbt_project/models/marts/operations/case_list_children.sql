-- Who has a task: the authority or the force of the latest absence. A return is missing
-- in the records of each source that recorded the absence. A child who is known to one
-- source is a task of the other.
with

candidates as (
    select * from {{ ref('int_task_candidates') }}
    where is_listed
),

tasks as (
    select * from {{ ref('ref__tasks') }}
),

suppliers as (
    select * from {{ ref('dim_suppliers') }}
),

names as (
    {{ child_names(ref('int_golden_record_values')) }}
),

birth_dates as (
    {{ child_birth_dates(ref('int_golden_record_values')) }}
),

assigned as (
    select
        candidates.*,
        tasks.body_type_code,
        tasks.urgency,
        tasks.task_name,
        tasks.what_to_do,
        coalesce(
            case tasks.body_type_code
                when 'police' then candidates.police_force_code
                else candidates.authority_code_dfe
            end,
            'unknown'
        ) as body_code,
    from candidates
    inner join tasks on candidates.task_code = tasks.task_code
    where
        case candidates.task_code
            when 'return_not_recorded'
                then
                    candidates.source_status
                    in ('both', tasks.body_type_code || '_only')
            when 'known_to_one_source'
                then candidates.source_status != tasks.body_type_code || '_only'
            else true
        end
),

ranked as (
    select
        *,
        sum(episode_count) over (
            partition by task_code, body_type_code, body_code, child_id_register
        ) as all_episode_count,
        min(since_date) over (
            partition by task_code, body_type_code, body_code, child_id_register
        ) as first_since_date,
        min(due_at) over (
            partition by task_code, body_type_code, body_code, child_id_register
        ) as first_due_at,
        row_number() over (
            partition by task_code, body_type_code, body_code, child_id_register
            order by latest_at desc, episode_id_register asc
        ) as recency_rank,
    from assigned
),

final as (
    select
        {{ surrogate_key([
            'ranked.task_code', 'ranked.body_type_code', 'ranked.body_code',
            'ranked.child_id_register',
        ]) }} as task_id,
        cast(
            row_number() over (
                order by
                    ranked.urgency asc,
                    case
                        when ranked.task_code = 'interview_due'
                            then ranked.first_due_at
                    end asc,
                    ranked.latest_at desc,
                    ranked.child_id_register asc,
                    ranked.body_type_code desc,
                    ranked.task_code asc,
                    ranked.episode_id_register asc
            ) as integer
        ) as urgency_rank,
        ranked.task_code,
        ranked.task_name,
        ranked.what_to_do,
        ranked.body_type_code,
        ranked.body_code,
        coalesce(suppliers.supplier_name, ranked.body_code) as body_name,
        ranked.child_id_register,
        names.forenames,
        names.surname,
        birth_dates.birth_date,
        ranked.episode_id_register,
        ranked.category_code,
        cast(ranked.all_episode_count as integer) as episode_count,
        ranked.first_since_date as since_date,
        ranked.latest_at,
        cast(floor(ranked.hours_since_seen) as integer) as hours_since_seen,
        ranked.first_due_at as due_at,
        ranked.as_of_date,
        cast(
            {{ elapsed_days('ranked.first_since_date', 'ranked.as_of_date') }}
            as integer
        ) as age_days,
    from ranked
    left join suppliers on ranked.body_code = suppliers.supplier_code
    left join names on ranked.child_id_register = names.child_id_register
    left join birth_dates on ranked.child_id_register = birth_dates.child_id_register
    where ranked.recency_rank = 1
)

select * from final
