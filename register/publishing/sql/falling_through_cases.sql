select
    list_code,
    reason_code,
    age_days,
    since_date,
    body_type_code,
    body_code,
    body_name,
    child_id_register,
    episode_id_register,
    forenames,
    surname,
    birth_date,
    feed,
    episode_count,
from operations.case_list_falling_through
where
    ($list_code is null or list_code = $list_code)
    and ($body_code is null or body_code = $body_code)
order by age_days desc, list_code, body_code, falling_through_id
