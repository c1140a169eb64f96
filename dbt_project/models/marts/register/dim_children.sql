with

versions as (
    select * from {{ ref('int_child_versions') }}
),

crosswalk as (
    select * from {{ ref('int_child_crosswalk') }}
),

sources as (
    select
        child_id_register,
        count(*) as source_count,
        max(case when source = 'police' then 1 else 0 end) = 1 as is_known_to_police,
        max(case when source = 'authority' then 1 else 0 end) = 1
            as is_known_to_authority,
    from crosswalk
    group by child_id_register
),

final as (
    select
        versions.child_version_id,
        versions.child_id_register,
        versions.valid_from,
        versions.valid_to,
        versions.valid_to is null as is_current,
        versions.sex_code,
        versions.ethnicity_code,
        versions.ethnicity_group_code,
        cast(extract(year from versions.birth_date) as integer) as birth_year,
        versions.is_uasc,
        cast(sources.source_count as integer) as source_count,
        sources.is_known_to_police,
        sources.is_known_to_authority,
    from versions
    inner join sources on versions.child_id_register = sources.child_id_register
)

select * from final
