select
    (select count(episode_id_register) from agreement.fct_agreement) as judged_count,
    (
        select count(*) from register.fct_episodes as episodes
        where exists (
            select 1 from agreement.fct_agreement as judged
            where judged.episode_id_register = episodes.episode_id_register
        )
    ) as found_count,
    (select count(*) from register.fct_episodes) as episode_count
