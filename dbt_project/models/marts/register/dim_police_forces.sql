with

police_forces as (
    select * from {{ ref('ref__police_forces') }}
),

final as (
    select
        police_force_code || '-' || cast(valid_from as varchar)
            as police_force_version_id,
        police_force_code,
        police_force_name,
        country_code,
        valid_from,
        valid_to,
        valid_to is null as is_current,
        change_note,
    from police_forces
    union all
    select
        'unknown' as police_force_version_id,
        'unknown' as police_force_code,
        'Not known' as police_force_name,
        cast(null as varchar) as country_code,
        cast('1900-01-01' as date) as valid_from,
        cast(null as date) as valid_to,
        true as is_current,
        cast(null as varchar) as change_note,
)

select * from final
