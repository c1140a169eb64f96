select
    child_id_register,
    mention_id_register,
    source,
    issuer_code,
    is_founder,
    link_method,
    match_weight
from register.bridge_child_sources
where child_id_register in (select unnest($ids))
order by first_received_at, mention_id_register
