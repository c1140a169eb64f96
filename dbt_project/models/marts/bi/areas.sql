with

authorities as (
    select
        authority_code_dfe,
        authority_name,
        coalesce(region_code_ons, 'unknown') as region_code_ons,
        coalesce(region_name, 'Not known') as region_name,
        police_force_code,
        {{ whole_region_code('region_code_ons') }} as whole_region_code_ons,
        {{ whole_region_name('region_code_ons', 'region_name') }} as whole_region_name,
        is_current or authority_code_dfe = 'unknown' as is_current,
    from {{ ref('dim_authorities_current') }}
),

forces as (
    select * from {{ ref('dim_police_forces_current') }}
),

listed as (
    select
        'nation' as area_level_code,
        'E92000001' as area_code,
        'England' as area_name,
        cast(null as varchar) as region_name,
        cast(null as varchar) as police_force_code,
        true as is_current,
    union all
    select distinct
        'region' as area_level_code,
        whole_region_code_ons as area_code,
        whole_region_name as area_name,
        whole_region_name as region_name,
        cast(null as varchar) as police_force_code,
        true as is_current,
    from authorities
    union all
    select distinct
        'sub_region' as area_level_code,
        region_code_ons as area_code,
        region_name as area_name,
        whole_region_name as region_name,
        cast(null as varchar) as police_force_code,
        true as is_current,
    from authorities
    where region_code_ons != whole_region_code_ons
    union all
    select
        'authority' as area_level_code,
        authority_code_dfe as area_code,
        authority_name as area_name,
        whole_region_name as region_name,
        police_force_code,
        is_current,
    from authorities
    union all
    select
        'police_force' as area_level_code,
        police_force_code as area_code,
        police_force_name as area_name,
        cast(null as varchar) as region_name,
        police_force_code,
        is_current,
    from forces
),

final as (
    select
        area_level_code,
        {{ label_of('area_level_code', 'area_level') }} as area_level_name,
        area_code,
        area_name,
        region_name,
        police_force_code,
        is_current,
    from listed
)

select * from final
