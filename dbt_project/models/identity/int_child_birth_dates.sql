-- A child's date of birth: an authority's before a police force's, one that is no
-- default of a case system, the one most often given, the latest known. An authority's
-- file is also what says that a person is an adult.
with

versions as (
    select * from {{ ref('int_person_versions_collected') }}
),

crosswalk as (
    select * from {{ ref('int_child_crosswalk') }}
),

given as (
    select
        crosswalk.child_id_register,
        versions.birth_date,
        max(case when versions.source = 'authority' then 1 else 0 end)
            as authority_rank,
        count(*) as version_count,
        max(versions.known_at) as last_known_at,
    from versions
    inner join crosswalk on versions.mention_key = crosswalk.mention_key
    where versions.birth_date is not null
    group by crosswalk.child_id_register, versions.birth_date
),

ranked as (
    select
        child_id_register,
        birth_date,
        row_number() over (
            partition by child_id_register
            order by
                authority_rank desc,
                case
                    when
                        extract(day from birth_date) = 1
                        and extract(month from birth_date) in (1, 7)
                        then 1
                    else 0
                end,
                version_count desc,
                last_known_at desc,
                birth_date asc
        ) as preference_rank,
        count(*) over (partition by child_id_register) as birth_date_count,
    from given
),

final as (
    select
        child_id_register,
        birth_date,
        birth_date_count,
        {{ eighteenth_birthday('birth_date') }} as eighteenth_birthday_date,
    from ranked
    where preference_rank = 1
)

select * from final
