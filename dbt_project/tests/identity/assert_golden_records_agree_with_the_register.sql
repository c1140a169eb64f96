-- Fails if the golden record and the register's current version of a child differ: they
-- must follow the same rules.
with

versions as (
    select * from {{ ref('dim_children') }}
    where is_current
),

golden as (
    select * from {{ ref('golden_record_children') }}
),

final as (
    select coalesce(versions.child_id_register, golden.child_id_register) as child_id
    from versions
    full outer join golden on versions.child_id_register = golden.child_id_register
    where
        versions.child_id_register is null
        or golden.child_id_register is null
        or versions.sex_code != golden.sex_code
        or versions.ethnicity_code != golden.ethnicity_code
        or versions.ethnicity_group_code != golden.ethnicity_group_code
        or versions.is_uasc != golden.is_uasc
        or versions.source_count != golden.source_count
        or coalesce(versions.birth_year, 0)
        != coalesce(extract(year from golden.birth_date), 0)
)

select * from final
