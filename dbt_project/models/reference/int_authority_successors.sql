-- Postcodes are placed in today's authorities, care belongs to the authority of its
-- day: the two are compared through who took over whose area. One reorganisation is
-- followed, since none has followed another. Where an authority was divided, any
-- part of it counts as inside.
with

authorities as (
    select * from {{ ref('int_authority_periods') }}
),

successions as (
    select
        authority_code_dfe,
        {{ split_parts('successor_codes_dfe') }} as current_authority_code_dfe,
    from authorities
    where successor_codes_dfe is not null
),

final as (
    select
        authority_code_dfe,
        current_authority_code_dfe,
    from successions
    union distinct
    select
        authority_code_dfe,
        authority_code_dfe as current_authority_code_dfe,
    from authorities
    where is_current
)

select * from final
