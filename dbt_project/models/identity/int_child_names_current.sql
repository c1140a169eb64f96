-- For the case lists alone: the name that safeguarding staff would know a child by.
with

versions as (
    select * from {{ ref('int_person_versions_collected') }}
),

crosswalk as (
    select * from {{ ref('int_child_crosswalk') }}
),

ranked as (
    select
        crosswalk.child_id_register,
        versions.forenames,
        versions.surname,
        row_number() over (
            partition by crosswalk.child_id_register
            order by
                case versions.source when 'authority' then 0 else 1 end asc,
                versions.known_at desc,
                versions.mention_key asc,
                versions._row_number desc
        ) as preference_rank,
    from versions
    inner join crosswalk on versions.mention_key = crosswalk.mention_key
    where versions.forenames is not null or versions.surname is not null
),

final as (
    select
        child_id_register,
        forenames,
        surname,
    from ranked
    where preference_rank = 1
)

select * from final
