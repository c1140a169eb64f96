select
    episode_id_register as agreement_id,
    started_at,
    ended_at,
    is_open,
    category_code,
    care_status_code,
    placement_type_code,
    is_out_of_area,
    age_at_start,
    placing_authority_code_dfe,
    host_authority_code_dfe,
    police_force_code
from register.fct_episodes
where episode_id_register in (select unnest($ids))
