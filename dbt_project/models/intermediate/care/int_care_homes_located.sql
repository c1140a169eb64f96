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

homeless as (
    select * from periods
    where home_postcode is null
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
                addresses._row_number desc
        ) as address_rank,
    from homeless
    inner join addresses
        on
            homeless.supplier_code = addresses.supplier_code
            and homeless.person_id = addresses.addr_person_id
            and homeless.care_period_start_date >= addresses.address_start_date
),

final as (
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
)

select * from final
