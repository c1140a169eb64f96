select distinct episodes.child_id_register, areas.area_code
from register.fct_episodes as episodes
inner join ({episode_areas}) as areas using (episode_id_register)
union
select child_id_register, issuer_code
from register.bridge_child_sources
where child_id_register is not null and issuer_code is not null
