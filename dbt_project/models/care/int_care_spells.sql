with

authorities as (
    select * from {{ ref('int_authority_periods') }}
),

episodes as (
    select * from {{ ref('int_care_episodes') }}
),

addresses as (
    select * from {{ ref('stg_authority_extract__ssd_address') }}
    where postcode is not null
),

postcodes as (
    select * from {{ ref('int_postcode_areas') }}
),

placement_areas as (
    select * from postcodes
    where postcode in (select episodes.placement_postcode from episodes)
),

keys as (
    select * from {{ ref('int_source_keys') }}
),

spells as (
    select * from {{ ref('int_care_status_periods') }}
),

legal_statuses as (
    select * from {{ ref('ref__legal_statuses') }}
),

successions as (
    select
        authority_code_dfe,
        {{ split_parts('successor_codes_dfe') }} as current_authority_code_dfe,
    from authorities
    where successor_codes_dfe is not null
),

-- Maps each authority to the current authorities of its area: itself, or the
-- authorities that replaced it. Placements are located in current authorities, but the
-- authority that looked after the child may have been replaced. A placement in any of
-- these current authorities counts as inside the area. One step is enough, because no
-- area has been reorganised twice.
successors as (
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
),

periods as (
    select
        supplier_code,
        person_id,
        care_period_start_date,
        min(home_postcode) as home_postcode,
    from episodes
    group by supplier_code, person_id, care_period_start_date
),

addressed as (
    select
        homeless.supplier_code,
        homeless.person_id,
        homeless.care_period_start_date,
        {{ compact_postcode('addresses.postcode') }} as home_postcode,
        row_number() over (
            partition by
                homeless.supplier_code,
                homeless.person_id,
                homeless.care_period_start_date
            order by
                addresses.address_start_date desc nulls last,
                addresses._delivery_id desc,
                addresses._file desc,
                addresses._row_number desc
        ) as address_rank,
    from periods as homeless
    inner join addresses
        on
            homeless.supplier_code = addresses.supplier_code
            and homeless.person_id = addresses.addr_person_id
            and homeless.care_period_start_date >= addresses.address_start_date
    where homeless.home_postcode is null
),

-- The home is the address in the return, or else the latest address in the extract that
-- began no later than the period of care.
homes as (
    select
        periods.supplier_code,
        periods.person_id,
        periods.care_period_start_date,
        postcodes.easting as home_easting,
        postcodes.northing as home_northing,
    from periods
    left join addressed
        on
            periods.supplier_code = addressed.supplier_code
            and periods.person_id = addressed.person_id
            and periods.care_period_start_date = addressed.care_period_start_date
            and addressed.address_rank = 1
    left join postcodes
        on
            coalesce(periods.home_postcode, addressed.home_postcode)
            = postcodes.postcode
),

placed as (
    select
        spells.supplier_code,
        spells.person_id,
        spells.episode_number,
        spells.spell_start_date,
        spells.spell_end_date,
        spells.legal_status_code,
        episodes.care_period_start_date,
        episodes.care_period_end_date,
        episodes.placement_source_id,
        coalesce(episodes.placement_type_code, 'unknown') as placement_type_code,
        coalesce(episodes.placement_provider_code, 'unknown')
            as placement_provider_code,
        placement_areas.authority_code_dfe as placement_authority_code_dfe,
        placement_areas.police_force_code as host_police_force_code,
        placement_areas.postcode is not null as is_placement_located,
        case when spells.is_end_of_episode then episodes.ceased_reason_code end
            as ceased_reason_code,
        coalesce(
            episodes.source_distance_miles,
            {{ grid_miles(
                'placement_areas.easting', 'placement_areas.northing',
                'homes.home_easting', 'homes.home_northing'
            ) }}
        ) as distance_miles,
    from spells
    inner join episodes
        on
            spells.supplier_code = episodes.supplier_code
            and spells.person_id = episodes.person_id
            and spells.episode_number = episodes.episode_number
    left join homes
        on
            episodes.supplier_code = homes.supplier_code
            and episodes.person_id = homes.person_id
            and episodes.care_period_start_date = homes.care_period_start_date
    left join placement_areas
        on episodes.placement_postcode = placement_areas.postcode
),

final as (
    select
        person_keys.source_key as mention_key,
        placed.supplier_code as authority_code_dfe,
        placed.care_period_start_date,
        placed.care_period_end_date,
        placed.episode_number,
        placed.spell_start_date,
        placed.spell_end_date,
        placed.legal_status_code,
        legal_statuses.is_short_break,
        placement_keys.source_key as placement_key,
        placed.placement_type_code,
        placed.placement_provider_code,
        placed.placement_authority_code_dfe,
        placed.distance_miles,
        case
            when placed.is_placement_located then successors.authority_code_dfe is null
        end as is_out_of_area,
        placed.distance_miles > 20 as is_over_20_miles,
        placed.host_police_force_code,
        placed.ceased_reason_code,
    from placed
    inner join legal_statuses
        on placed.legal_status_code = legal_statuses.legal_status_code
    {{ join_source_key(
        'person_keys', 'person', 'placed.supplier_code', 'placed.person_id'
    ) }}
    left join keys as placement_keys
        on
            placement_keys.kind = 'placement'
            and placed.supplier_code = placement_keys.issuer
            and placed.placement_source_id = placement_keys.source_id
    left join successors
        on
            placed.supplier_code = successors.authority_code_dfe
            and placed.placement_authority_code_dfe
            = successors.current_authority_code_dfe
)

select * from final
