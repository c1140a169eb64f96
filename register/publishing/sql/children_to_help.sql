select
    urgency_rank,
    task_code,
    task_name,
    what_to_do,
    body_code,
    body_name,
    child_id_register,
    forenames,
    surname,
    birth_date,
    episode_id_register,
    category_code,
    episode_count,
    since_date,
    latest_at,
    hours_since_seen,
    due_at,
    as_of_date,
from operations.case_list_children
where
    ($task_code is null or task_code = $task_code)
    and ($body_code is null or body_code = $body_code)
order by urgency_rank
