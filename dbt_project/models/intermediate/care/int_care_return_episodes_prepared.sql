-- Only for authorities without a current extract, which says the same in more
-- detail. An episode that is open on 31 March is returned again next year: the
-- latest return counts.
with

episodes as (
    select * from {{ ref('stg_authority_return__episodes') }}
),

deliveries as (
    select * from {{ ref('stg_ledger__deliveries_current') }}
),

authorities_with_extract as (
    select distinct supplier_code
    from deliveries
    where feed = 'authority_extract'
),

ranked as (
    select
        episodes.*,
        {{ return_placement_id() }} as placement_source_id,
        row_number() over (
            partition by episodes.supplier_code, episodes.child, episodes.decom_date
            order by episodes.period desc, episodes._row_number asc
        ) as version_rank,
    from episodes
    left join authorities_with_extract
        on episodes.supplier_code = authorities_with_extract.supplier_code
    where
        authorities_with_extract.supplier_code is null
        and episodes.child is not null
        and episodes.decom_date is not null
),

final as (
    select
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
        _row_number,
    from ranked
    where version_rank = 1
)

select * from final
