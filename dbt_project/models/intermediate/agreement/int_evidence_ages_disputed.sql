-- The latest and the earliest 18th birthday that the police give of a child.
with

versions as (
    select * from {{ ref('int_person_versions_collected') }}
    where source = 'police' and birth_date is not null
),

crosswalk as (
    select * from {{ ref('int_child_crosswalk') }}
),

final as (
    select
        crosswalk.child_id_register,
        min(versions.birth_date) as first_birth_date,
        max(versions.birth_date) as last_birth_date,
        min(eighteenth_birthday(versions.birth_date))
            as first_eighteenth_birthday_date,
    from versions
    inner join crosswalk on versions.mention_key = crosswalk.mention_key
    group by crosswalk.child_id_register
)

select * from final
