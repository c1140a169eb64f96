-- Fails if the successor of a retired key is not a current key. Also fails if the keys
-- with status current are not the keys used in this generation.
with

child_keys as (
    select * from {{ ref('dim_child_keys') }}
),

held as (
    select distinct child_id_register from {{ ref('bridge_child_sources') }}
),

final as (
    select child_keys.child_id_register
    from child_keys
    left join child_keys as successors
        on
            child_keys.successor_child_id_register = successors.child_id_register
            and successors.status_code = 'current'
    left join held on child_keys.child_id_register = held.child_id_register
    where
        (
            child_keys.successor_child_id_register is not null
            and successors.child_id_register is null
        )
        or (child_keys.status_code = 'current') != (held.child_id_register is not null)
)

select * from final
