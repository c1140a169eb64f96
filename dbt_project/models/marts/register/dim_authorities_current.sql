{{ config(materialized='view') }}

with

versions as (
    select
        *,
        row_number() over (
            partition by authority_code_dfe order by valid_from desc
        ) as version_rank,
    from {{ ref('dim_authorities') }}
),

final as (
    select
        authority_version_id,
        authority_code_dfe,
        authority_code_ons,
        authority_name,
        region_code_ons,
        region_name,
        police_force_code,
        valid_from,
        valid_to,
        is_current,
        successor_codes_dfe,
        change_note,
    from versions
    where version_rank = 1
)

select * from final
