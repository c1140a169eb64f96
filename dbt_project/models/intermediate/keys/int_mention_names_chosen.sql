-- The name that a source writes most often for a person; its other names and aliases
-- are compared as others. Of equals the first in the alphabet, whatever came first.
with

versions as (
    select * from {{ ref('int_person_versions_collected') }}
    where forenames is not null or surname is not null
),

counted as (
    select
        mention_key,
        coalesce(forenames, '') || '|' || coalesce(surname, '') as primary_name,
        count(*) as version_count,
    from versions
    group by mention_key, coalesce(forenames, '') || '|' || coalesce(surname, '')
),

ranked as (
    select
        mention_key,
        primary_name,
        row_number() over (
            partition by mention_key order by version_count desc, primary_name asc
        ) as preference_rank,
    from counted
),

final as (
    select
        mention_key,
        primary_name,
    from ranked
    where preference_rank = 1
)

select * from final
