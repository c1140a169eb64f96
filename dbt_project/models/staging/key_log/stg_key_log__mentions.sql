-- A view: the log already contains the crosswalk of every generation, and a table would
-- only copy it.
{{ config(materialized='view') }}
{%- do source('key_log', 'mentions') %}

with

logged as (
    select
        {{ path_file_stem('filename') }} as generation_id,
        mention_id_register,
        child_id_register,
    from {{ read_key_log() }}
),

final as (
    select
        generation_id,
        mention_id_register,
        child_id_register,
    from logged
    where
        {{ generation_moment('generation_id') }}
        <= cast('{{ var("as_known_at") }}' as timestamp)
)

select * from final
