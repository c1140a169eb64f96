select
    body_code,
    line_reference,
    is_recorded_by_body,
    other_body_code,
    child_references,
    report_references,
    category_code,
    start_date,
    end_date,
    probable_reason,
    what_to_do,
    episode_id_register,
from operations.case_list_absences
where $body_code is null or body_code = $body_code
order by body_type_code, body_code, urgency_rank
