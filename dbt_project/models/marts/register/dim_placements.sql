with

spells as (
    select * from {{ ref('int_care_spells') }}
    where placement_key is not null
),

placement_types as (
    select * from {{ ref('ref__placement_types') }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by placement_key
            order by spell_start_date, mention_key, episode_number
        ) as spell_rank,
    from spells
),

final as (
    select
        {{ register_key('P', 'ranked.placement_key') }} as placement_id_register,
        ranked.placement_type_code,
        placement_types.placement_group_code,
        ranked.placement_provider_code,
        ranked.authority_code_dfe as placing_authority_code_dfe,
        coalesce(ranked.placement_authority_code_dfe, 'unknown')
            as host_authority_code_dfe,
        coalesce(ranked.host_police_force_code, 'unknown') as host_police_force_code,
        ranked.is_out_of_area,
        ranked.is_over_20_miles,
        case
            when ranked.distance_miles is null then 'unknown'
            when ranked.distance_miles <= 5 then 'up_to_5_miles'
            when ranked.distance_miles <= 10 then '5_to_10_miles'
            when ranked.distance_miles <= 20 then '10_to_20_miles'
            when ranked.distance_miles <= 50 then '20_to_50_miles'
            else 'over_50_miles'
        end as distance_band_code,
    from ranked
    inner join placement_types
        on ranked.placement_type_code = placement_types.placement_type_code
    where ranked.spell_rank = 1
    union all
    select
        'unknown' as placement_id_register,
        'unknown' as placement_type_code,
        'unknown' as placement_group_code,
        'unknown' as placement_provider_code,
        'unknown' as placing_authority_code_dfe,
        'unknown' as host_authority_code_dfe,
        'unknown' as host_police_force_code,
        cast(null as boolean) as is_out_of_area,
        cast(null as boolean) as is_over_20_miles,
        'unknown' as distance_band_code,
)

select * from final
