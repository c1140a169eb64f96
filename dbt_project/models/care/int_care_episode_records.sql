-- Episodes of care, from an authority's extract or from its statutory return.
with

extract_rows as (
    select * from {{ ref('stg_authority_extract__ssd_cla_episodes') }}
),

ranked_placements as (
    select
        *,
        row_number() over (
            partition by supplier_code, clap_cla_placement_id, clap_person_id
            order by
                placement_start_date desc,
                _delivery_id desc,
                _file desc,
                _row_number desc
        ) as placement_rank,
    from {{ ref('stg_authority_extract__ssd_cla_placement') }}
),

-- Case systems reuse placement identifiers for several children, so a placement is
-- found by its identifier and the child. A placement that names no child applies to all
-- children with its identifier.
placements as (
    select * from ranked_placements
    where placement_rank = 1
),

extract_episodes as (
    select
        3 as source_rank,
        extract_rows.supplier_code,
        extract_rows.clae_person_id as person_id,
        extract_rows.episode_start_date,
        extract_rows.episode_ceased_date as episode_end_date,
        extract_rows.ceased_reason_code,
        cast(null as varchar) as legal_status_code,
        extract_rows.clae_cla_placement_id as placement_source_id,
        coalesce(placements.placement_type_code, unnamed.placement_type_code)
            as placement_type_code,
        coalesce(placements.placement_provider_code, unnamed.placement_provider_code)
            as placement_provider_code,
        {{ compact_postcode('coalesce(placements.postcode, unnamed.postcode)') }}
            as placement_postcode,
        cast(null as varchar) as home_postcode,
        coalesce(placements.distance_miles, unnamed.distance_miles)
            as source_distance_miles,
        extract_rows._delivery_id,
        extract_rows._file,
        extract_rows._row_number,
    from extract_rows
    left join placements
        on
            extract_rows.supplier_code = placements.supplier_code
            and extract_rows.clae_cla_placement_id = placements.clap_cla_placement_id
            and extract_rows.clae_person_id = placements.clap_person_id
    left join placements as unnamed
        on
            extract_rows.supplier_code = unnamed.supplier_code
            and extract_rows.clae_cla_placement_id = unnamed.clap_cla_placement_id
            and unnamed.clap_person_id is null
    where
        extract_rows.clae_person_id is not null
        and extract_rows.episode_start_date is not null
),

return_rows as (
    select * from {{ ref('stg_authority_return__episodes') }}
),

deliveries as (
    select * from {{ ref('stg_ledger__deliveries') }}
    where is_current
),

authorities_with_extract as (
    select distinct supplier_code
    from deliveries
    where feed = 'authority_extract'
),

ranked as (
    select
        return_rows.*,
        {{ return_placement_id() }} as placement_source_id,
        row_number() over (
            partition by
                return_rows.supplier_code, return_rows.child, return_rows.decom_date
            order by
                return_rows.period desc,
                return_rows._delivery_id desc,
                return_rows._file asc,
                return_rows._row_number asc
        ) as version_rank,
    from return_rows
    left join authorities_with_extract
        on return_rows.supplier_code = authorities_with_extract.supplier_code
    where
        authorities_with_extract.supplier_code is null
        and return_rows.child is not null
        and return_rows.decom_date is not null
),

-- The return is used only if the authority has no current extract, because an extract
-- gives more detail. An episode that is open on 31 March is also in the return of the
-- next year. The row of the latest return counts.
return_episodes as (
    select
        2 as source_rank,
        supplier_code,
        child as person_id,
        decom_date as episode_start_date,
        dec_date as episode_end_date,
        ceased_reason_code,
        legal_status_code,
        placement_source_id,
        placement_type_code,
        placement_provider_code,
        {{ compact_postcode('placement_postcode') }} as placement_postcode,
        {{ compact_postcode('home_postcode') }} as home_postcode,
        cast(null as double) as source_distance_miles,
        _delivery_id,
        _file,
        _row_number,
    from ranked
    where version_rank = 1
),

final as (
    select * from extract_episodes
    union all
    select * from return_episodes
)

select * from final
