with

crosswalk as (
    select * from {{ ref('int_child_crosswalk') }}
),

final as (
    select
        {{ register_key('M', 'mention_key') }} as mention_id_register,
        mention_key,
        child_id_register,
        is_founder,
        source,
        issuer_code,
        first_received_at,
    from crosswalk
)

select * from final
