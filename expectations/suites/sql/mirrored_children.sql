select
    judged.authority_code_dfe,
    episodes.child_id_register,
    count(*) filter (where status = 'both') as both_count,
    least(
        count(*) filter (where status = 'police_only'),
        count(*) filter (where status = 'authority_only')
    ) as mirrored_count
from agreement.fct_agreement as judged
inner join register.fct_episodes as episodes
    on judged.episode_id_register = episodes.episode_id_register
where judged.is_in_scope and is_police_expected and is_authority_expected
group by judged.authority_code_dfe, episodes.child_id_register
