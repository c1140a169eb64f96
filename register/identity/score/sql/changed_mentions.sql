(
    select person_key, mention_hash from hashes
    except
    select person_key, mention_hash from cache
) union all (
    select person_key, mention_hash from cache where person_key is not null
    except
    select person_key, mention_hash from hashes
)
limit 1
