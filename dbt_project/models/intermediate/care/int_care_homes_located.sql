-- Home is the last address known on the day on which the period of care began; a
-- return gives it with the episode.
with

episodes as (
    select * from {{ ref('int_care_episodes_chained') }}
),

addresses as (
    select * from {{ ref('stg_authority_extract__ssd_address') }}
    where postcode is not null
),

postcodes as (
    select * from {{ ref('int_postcodes_placed') }}
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

ranked as (
    select
        periods.supplier_code,
        periods.person_id,
        periods.care_period_start_date,
        coalesce(
            periods.home_postcode, {{ compact_postcode('addresses.postcode') }}
        ) as home_postcode,
        row_number() over (
            partition by
                periods.supplier_code,
                periods.person_id,
                periods.care_period_start_date
            order by
                addresses.address_start_date desc nulls last,
                addresses._row_number desc
        ) as address_rank,
    from periods
    left join addresses
        on
            periods.supplier_code = addresses.supplier_code
            and periods.person_id = addresses.addr_person_id
            and periods.care_period_start_date >= addresses.address_start_date
            and periods.home_postcode is null
),

final as (
    select
        ranked.supplier_code,
        ranked.person_id,
        ranked.care_period_start_date,
        postcodes.easting as home_easting,
        postcodes.northing as home_northing,
    from ranked
    left join postcodes on ranked.home_postcode = postcodes.postcode
    where ranked.address_rank = 1
)

select * from final
