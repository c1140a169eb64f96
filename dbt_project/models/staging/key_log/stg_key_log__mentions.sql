-- A view: the log already contains the crosswalk of every generation, and a table would
-- only copy it. Keys from before a change of the pseudonym key are given as they are
-- now, so that the change ends no key.
{{ config(materialized='view') }}
{%- do source('key_log', 'mentions') %}

with

former_keys as (
    select * from {{ ref('stg_key_log__former_keys') }}
    where record_kind = 'person'
),

logged as (
    select
        {{ path_file_stem('filename') }} as generation_id,
        mention_id_register,
        child_id_register,
    from {{ read_key_files(
        '*.parquet', ['mention_id_register', 'child_id_register', 'filename']
    ) }}
),

final as (
    select
        logged.generation_id,
        coalesce('M' || mentions.digits, logged.mention_id_register)
            as mention_id_register,
        coalesce('C' || founders.digits, logged.child_id_register)
            as child_id_register,
    from logged
    left join former_keys as mentions
        on logged.mention_id_register = 'M' || mentions.former_digits
    left join former_keys as founders
        on logged.child_id_register = 'C' || founders.former_digits
    where
        {{ generation_moment('logged.generation_id') }}
        <= cast('{{ var("as_known_at") }}' as timestamp)
)

select * from final
