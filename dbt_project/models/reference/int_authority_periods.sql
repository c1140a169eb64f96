with

authorities as (
    select * from {{ ref('ref__authorities') }}
),

final as (
    select
        authority_code_dfe || '-' || cast(valid_from as varchar)
            as authority_version_id,
        authority_code_dfe,
        authority_code_ons,
        authority_name,
        region_code_ons,
        region_name,
        police_force_code,
        valid_from,
        valid_to,
        valid_to is null as is_current,
        successor_codes_dfe,
        change_note,
    from authorities
)

select * from final
