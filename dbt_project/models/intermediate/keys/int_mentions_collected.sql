with

keys as (
    select * from {{ ref('int_source_keys_pseudonymised') }}
    where kind = 'person'
),

police_reports as (
    select * from {{ ref('int_police_reports_latest') }}
),

authority_persons as (
    select * from {{ ref('int_authority_persons_collected') }}
),

attributes as (
    select * from {{ ref('int_mention_attributes_collected') }}
),

chosen_names as (
    select * from {{ ref('int_mention_names_chosen') }}
),

ages as (
    select * from {{ ref('int_mention_ages_bounded') }}
),

care as (
    select * from {{ ref('int_mention_care_dated') }}
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
        keys.source_key as mention_key,
        'authority' as source,
        authority_persons.supplier_code as issuer_code,
        authority_persons.first_received_at,
        authority_persons.first_period_start,
    from authority_persons
    inner join keys
        on
            authority_persons.supplier_code = keys.issuer
            and authority_persons.person_id = keys.source_id
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
-- A person of whom a source gives two sexes has none to compare.
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
        chosen_names.primary_name,
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
    left join chosen_names on mentions.mention_key = chosen_names.mention_key
    left join name_lists on mentions.mention_key = name_lists.mention_key
    left join sexes on mentions.mention_key = sexes.mention_key
    left join ages on mentions.mention_key = ages.mention_key
    left join birth_date_lists on mentions.mention_key = birth_date_lists.mention_key
    left join postcode_lists on mentions.mention_key = postcode_lists.mention_key
    left join identifier_lists on mentions.mention_key = identifier_lists.mention_key
    left join care_dates on mentions.mention_key = care_dates.mention_key
)

select * from final
