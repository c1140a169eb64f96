with

episodes as (
    select * from {{ ref('stg_authority_extract__ssd_cla_episodes') }}
),

ranked_placements as (
    select
        *,
        row_number() over (
            partition by supplier_code, clap_cla_placement_id
            order by placement_start_date desc, _row_number desc
        ) as placement_rank,
    from {{ ref('stg_authority_extract__ssd_cla_placement') }}
),

placements as (
    select * from ranked_placements
    where placement_rank = 1
),

final as (
    select
        episodes.supplier_code,
        episodes.clae_person_id as person_id,
        episodes.episode_start_date,
        episodes.episode_ceased_date as episode_end_date,
        episodes.ceased_reason_code,
        cast(null as varchar) as legal_status_code,
        episodes.clae_cla_placement_id as placement_source_id,
        placements.placement_type_code,
        placements.placement_provider_code,
        {{ compact_postcode('placements.postcode') }} as placement_postcode,
        cast(null as varchar) as home_postcode,
        placements.distance_miles as source_distance_miles,
        episodes._delivery_id,
        episodes._row_number,
    from episodes
    left join placements
        on
            episodes.supplier_code = placements.supplier_code
            and episodes.clae_cla_placement_id = placements.clap_cla_placement_id
    where
        episodes.clae_person_id is not null
        and episodes.episode_start_date is not null
)

select * from final
