select
    coalesce(episode_id_register, report_id_register) as agreement_id,
    report_id_register,
    child_id_register,
    source,
    feed,
    supplier_code,
    category_code,
    started_at,
    start_precision,
    ended_at,
    end_precision,
    reported_at,
    risk_initial_code,
    location_type_code,
    looked_after_flag_code,
    version_count
from register.fct_reports
where coalesce(episode_id_register, report_id_register) in (select unnest($ids))
order by started_at nulls last, report_id_register
