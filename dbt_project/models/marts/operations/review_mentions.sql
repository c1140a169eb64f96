with

crosswalk as (
    select * from {{ ref('int_child_crosswalk') }}
),

mentions as (
    select * from {{ ref('int_clean_mentions') }}
),

final as (
    select
        {{ register_key('M', 'crosswalk.mention_key') }} as mention_id_register,
        crosswalk.mention_key,
        crosswalk.child_id_register,
        crosswalk.is_founder,
        crosswalk.source,
        crosswalk.issuer_code,
        crosswalk.first_received_at,
        mentions.first_period_start,
        mentions.primary_name,
        mentions.names,
        mentions.birth_dates,
        mentions.birth_date_earliest as earliest_birth_date,
        mentions.birth_date_latest as latest_birth_date,
        mentions.postcodes,
        mentions.postcode_districts,
        mentions.identifiers,
        mentions.sex_code,
        mentions.care_first_start_date,
        mentions.adoption_date,
    from crosswalk
    inner join mentions on crosswalk.mention_key = mentions.mention_key
)

select * from final
