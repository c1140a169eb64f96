with

authorities as (
    select * from {{ ref('int_authority_periods') }}
),

final as (
    select
        authority_version_id,
        authority_code_dfe,
        authority_code_ons,
        authority_name,
        region_code_ons,
        region_name,
        police_force_code,
        valid_from,
        valid_to,
        is_current,
        successor_codes_dfe,
        change_note,
    from authorities
    union all
    select
        'unknown' as authority_version_id,
        'unknown' as authority_code_dfe,
        cast(null as varchar) as authority_code_ons,
        'Not known' as authority_name,
        cast(null as varchar) as region_code_ons,
        cast(null as varchar) as region_name,
        cast(null as varchar) as police_force_code,
        cast('1900-01-01' as date) as valid_from,
        cast(null as date) as valid_to,
        true as is_current,
        cast(null as varchar) as successor_codes_dfe,
        cast(null as varchar) as change_note,
)

select * from final
