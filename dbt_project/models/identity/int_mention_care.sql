with

keys as (
    select * from {{ ref('int_source_keys') }}
    where kind = 'person'
),

extract_episodes as (
    select * from {{ ref('stg_authority_extract__ssd_cla_episodes') }}
),

extract_placements as (
    select * from {{ ref('stg_authority_extract__ssd_cla_placement') }}
),

return_episodes as (
    select * from {{ ref('stg_authority_return__episodes') }}
),

periods as (
    select
        extract_episodes.supplier_code,
        extract_episodes.clae_person_id as person_id,
        extract_placements.postcode as place,
        extract_placements.placement_type_code,
        extract_episodes.episode_start_date as care_start_date,
        extract_episodes.episode_ceased_date as care_end_date,
        extract_episodes.ceased_reason_code,
    from extract_episodes
    left join extract_placements
        on
            extract_episodes.supplier_code = extract_placements.supplier_code
            and extract_episodes.clae_person_id = extract_placements.clap_person_id
            and extract_episodes.clae_cla_placement_id
            = extract_placements.clap_cla_placement_id
    union distinct
    select
        supplier_code,
        child as person_id,
        placement_postcode as place,
        placement_type_code,
        decom_date as care_start_date,
        dec_date as care_end_date,
        ceased_reason_code,
    from return_episodes
),

final as (
    select
        keys.source_key as mention_key,
        periods.place,
        periods.placement_type_code,
        periods.care_start_date,
        periods.care_end_date,
        coalesce(periods.ceased_reason_code in ('E11', 'E12'), false)
            as is_ceased_by_adoption,
    from periods
    inner join keys
        on
            periods.supplier_code = keys.issuer
            and periods.person_id = keys.source_id
    where periods.care_start_date is not null
)

select * from final
