with

police_reports as (
    select * from {{ ref('int_police_reports') }}
),

attributes as (
    select * from {{ ref('int_mention_attributes') }}
),

care as (
    select * from {{ ref('int_mention_care') }}
),

versions as (
    select * from {{ ref('int_person_versions') }}
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

-- The most frequent name of a person in a source is the primary name. Of equally
-- frequent names, the first in the alphabet is chosen, so that the order of arrival
-- does not matter.
names as (
    select
        mention_key,
        primary_name,
    from ranked
    where preference_rank = 1
),

keys as (
    select * from {{ ref('int_source_keys') }}
    where kind = 'person'
),

numbered as (
    {{ numbered_records(
        ref('stg_police_reports__reports'), ref('int_report_numbers'),
        'report_ref', 'report_id'
    ) }}
),

reports as (
    select
        supplier_code,
        {{ police_person_id() }} as person_id,
        cast(
            {{ utc_to_london('least(last_seen_at, reported_at)') }} as date
        ) as stated_from_date,
        cast(
            {{ utc_to_london('greatest(last_seen_at, reported_at)') }} as date
        ) as stated_to_date,
        age_years,
        age_years + 1 as next_age_years,
    from numbered
    where dob_date is null and age_years is not null
),

bounds as (
    select
        keys.source_key as mention_key,
        cast(
            {{ dbt.dateadd('day', 1, 'max(' ~ dbt.dateadd(
                'year', '-reports.next_age_years', 'reports.stated_from_date'
            ) ~ ')') }}
            as date
        ) as birth_date_earliest,
        min(cast(
            {{ dbt.dateadd('year', '-reports.age_years', 'reports.stated_to_date') }}
            as date
        )) as birth_date_latest,
    from reports
    inner join keys
        on
            reports.supplier_code = keys.issuer
            and reports.person_id = keys.source_id
    group by keys.source_key
),

-- Bounds of the date of birth, from reports that give an age but no date of birth. A
-- child aged 15 was born on or before the day 15 years earlier, and after the day 16
-- years earlier. The age may refer to any day from last seen to reported. Several
-- reports narrow the bounds. Contradictory ages give no bounds.
ages as (
    select
        mention_key,
        birth_date_earliest,
        birth_date_latest,
    from bounds
    where birth_date_earliest <= birth_date_latest
),

mentions as (
    select
        mention_key,
        'police' as source,
        supplier_code as issuer_code,
        min(first_received_at) as first_received_at,
        min(first_period_start) as first_period_start,
    from police_reports
    group by mention_key, supplier_code
    union all
    select
        source_key as mention_key,
        'authority' as source,
        issuer as issuer_code,
        first_received_at,
        first_period_start,
    from keys
    where first_received_at is not null
),

{% for kind in ['name', 'birth_date', 'postcode', 'identifier'] %}
    {{ kind }}_lists as (
        select
            mention_key,
        {{ collected_values(
            'cast(attribute_value as date)' if kind == 'birth_date' else 'attribute_value'
        ) }} as {{ kind }}s,
        from attributes
        where attribute_kind = '{{ kind }}'
        group by mention_key
    ),

{% endfor %}
-- If a source records two sexes for a person, no sex is compared.
sexes as (
    select
        mention_key,
        case when count(distinct attribute_value) = 1 then min(attribute_value) end
            as sex_code,
    from attributes
    where attribute_kind = 'sex' and attribute_value in ('female', 'male')
    group by mention_key
),

care_dates as (
    select
        mention_key,
        min(care_start_date) as care_first_start_date,
        min(case when is_ceased_by_adoption then care_end_date end) as adoption_date,
    from care
    group by mention_key
),

final as (
    select
        mentions.mention_key,
        mentions.source,
        mentions.issuer_code,
        mentions.first_received_at,
        mentions.first_period_start,
        names.primary_name,
        name_lists.names,
        sexes.sex_code,
        birth_date_lists.birth_dates,
        ages.birth_date_earliest,
        ages.birth_date_latest,
        postcode_lists.postcodes,
        identifier_lists.identifiers,
        care_dates.care_first_start_date,
        care_dates.adoption_date,
    from mentions
    left join names on mentions.mention_key = names.mention_key
    left join name_lists on mentions.mention_key = name_lists.mention_key
    left join sexes on mentions.mention_key = sexes.mention_key
    left join ages on mentions.mention_key = ages.mention_key
    left join birth_date_lists on mentions.mention_key = birth_date_lists.mention_key
    left join postcode_lists on mentions.mention_key = postcode_lists.mention_key
    left join identifier_lists on mentions.mention_key = identifier_lists.mention_key
    left join care_dates on mentions.mention_key = care_dates.mention_key
)

select * from final
