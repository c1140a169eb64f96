{{ config(materialized='view') }}

with

versions as (
    select
        *,
        row_number() over (
            partition by police_force_code order by valid_from desc
        ) as version_rank,
    from {{ ref('dim_police_forces') }}
),

final as (
    select
        police_force_version_id,
        police_force_code,
        police_force_name,
        country_code,
        valid_from,
        valid_to,
        is_current,
        change_note,
    from versions
    where version_rank = 1
)

select * from final
