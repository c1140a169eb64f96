-- What a source says last of a person's birth, sex and ethnicity; of an authority's two
-- feeds the extract.
with

versions as (
    select * from {{ ref('int_person_versions_collected') }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by mention_key
            order by
                source_rank desc,
                known_at desc,
                _delivery_id desc,
                _row_number desc
        ) as version_rank,
    from versions
),

final as (
    select
        mention_key,
        birth_date,
        sex_code,
        ethnicity_group_code,
        is_uasc,
    from ranked
    where version_rank = 1
)

select * from final
