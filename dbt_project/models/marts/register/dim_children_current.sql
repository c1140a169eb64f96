{{ config(materialized='view') }}

with

versions as (
    select
        *,
        row_number() over (
            partition by child_id_register order by valid_from desc
        ) as version_rank,
    from {{ ref('dim_children') }}
),

final as (
    select
        child_version_id,
        child_id_register,
        valid_from,
        valid_to,
        is_current,
        sex_code,
        ethnicity_code,
        ethnicity_group_code,
        birth_year,
        is_uasc,
        source_count,
        is_known_to_police,
        is_known_to_authority,
    from versions
    where version_rank = 1
)

select * from final
