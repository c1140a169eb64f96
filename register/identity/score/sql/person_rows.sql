select {table}.person_key, hashes.mention_hash, shaped as shape, person_keys.keys as blocking_keys,
    cast(null as ubigint) as left_out_key
from {table}
inner join (select * exclude (person_id) from {table}) as shaped using (person_key)
inner join hashes using (person_key)
left join person_keys using (person_id)
