select distinct episode_id_register, area_code
from (
    select episode_id_register, unnest([
        authority_code_dfe, placing_authority_code_dfe, police_force_code
    ]) as area_code
    from register.fct_episodes
    union all
    select episodes.episode_id_register, placements.host_authority_code_dfe
    from register.fct_episodes as episodes
    inner join register.dim_placements as placements using (placement_id_register)
    union all
    select episode_id_register, supplier_code from register.fct_reports
)
where episode_id_register is not null and area_code is not null
