-- Every value of an attribute that a record in a source gives for a person.
{% set tables = [
    ('police', 1, 'police_reports', police_person_id(), 'home_postcode',
     'coalesce(last_seen_date, reported_date)', 'cast(null as date)'),
    ('authority', 2, 'return_episodes', 'child', 'home_postcode', 'decom_date',
     'cast(null as date)'),
    ('authority', 3, 'extract_addresses', 'addr_person_id', 'postcode',
     'address_start_date', 'address_end_date'),
] %}
{% set attributes = [
    ('name', 'versions',
     "nullif(coalesce(forenames, '') || '|' || coalesce(surname, ''), '|')"),
    ('birth_date', 'versions', 'cast(birth_date as varchar)'),
    ('sex', 'versions', "nullif(nullif(sex_code, 'unknown'), 'unmapped')"),
    ('ethnicity', 'versions', "nullif(nullif(ethnicity_code, 'unknown'), 'unmapped')"),
    ('ethnicity_group', 'versions',
     "nullif(nullif(ethnicity_group_code, 'unknown'), 'unmapped')"),
    ('uasc', 'versions', "case when is_uasc then 'true' end"),
    ('home_postcode', 'addresses', 'postcode'),
    ('authority', 'care', 'authority_code_dfe'),
    ('placement', 'care', "nullif(placement_type_code, 'unknown')"),
    ('placement_postcode', 'care', 'placement_postcode'),
] %}
{% set no_date = 'cast(null as date)' %}
{{ config(materialized='view') }}
with

return_episodes as (
    select * from {{ ref('stg_authority_return__episodes') }}
),

extract_addresses as (
    select * from {{ ref('stg_authority_extract__ssd_address') }}
),

versions as (
    select * from {{ ref('int_person_versions') }}
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

police_reports as (
    select
        *,
        cast(last_seen_at as date) as last_seen_date,
        cast(reported_at as date) as reported_date,
    from numbered
),

deliveries as (
    select * from {{ ref('stg_ledger__deliveries') }}
    where is_current
),

stated_addresses as (
    {% for source, rank, table, person, postcode, from_date, to_date in tables %}
        select
            '{{ source }}' as source,
            {{ rank }} as source_rank,
            supplier_code,
            {{ person }} as person_id,
            {{ compact_postcode(postcode) }} as postcode,
            {{ from_date }} as stated_on,
            {{ to_date }} as ended_on,
            received_at as known_at,
            _delivery_id,
            _file,
            _row_number,
        from {{ table }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- Addresses from police reports and from both feeds of an authority.
addresses as (
    select
        keys.source_key as mention_key,
        stated_addresses.source,
        stated_addresses.source_rank,
        stated_addresses.postcode,
        stated_addresses.stated_on,
        stated_addresses.ended_on,
        stated_addresses.known_at,
        deliveries.period_start as _period_start,
        stated_addresses._delivery_id,
        stated_addresses._file,
        stated_addresses._row_number,
    from stated_addresses
    inner join deliveries
        on stated_addresses._delivery_id = deliveries.delivery_id
    inner join keys
        on
            stated_addresses.supplier_code = keys.issuer
            and stated_addresses.person_id = keys.source_id
    where stated_addresses.postcode is not null
),

episodes as (
    select * from {{ ref('int_care_episode_records') }}
    where episode_end_date is null
),

-- Open episodes of care: which authority looks after a person now, and where.
care as (
    select
        keys.source_key as mention_key,
        'authority' as source,
        episodes.source_rank,
        episodes.supplier_code as authority_code_dfe,
        episodes.placement_type_code,
        episodes.placement_postcode,
        episodes.episode_start_date as stated_on,
        deliveries.received_at as known_at,
        deliveries.period_start as _period_start,
        episodes._delivery_id,
        episodes._file,
        episodes._row_number,
    from episodes
    inner join deliveries on episodes._delivery_id = deliveries.delivery_id
    inner join keys
        on
            episodes.supplier_code = keys.issuer
            and episodes.person_id = keys.source_id
),

given as (
    {% for attribute, table, value in attributes %}
        select
            mention_key,
            '{{ attribute }}' as attribute_code,
            {{ value }} as attribute_value,
            source,
            source_rank,
            {{ 'stated_on' if table != 'versions' else no_date }} as stated_on,
            {{ 'ended_on' if table == 'addresses' else no_date }} as ended_on,
            known_at,
            _period_start,
            _delivery_id,
            _file,
            _row_number,
        from {{ table }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (
    select * from given
    where attribute_value is not null
)

select * from final
