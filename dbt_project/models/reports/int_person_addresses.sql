{# Where a source says that a person lives: table, person, postcode, from, until. #}
{% set tables = [
    ('police', 1, 'police_reports', police_person_id(), 'home_postcode',
     'coalesce(last_seen_date, reported_date)', 'cast(null as date)'),
    ('authority', 2, 'return_episodes', 'child', 'home_postcode', 'decom_date',
     'cast(null as date)'),
    ('authority', 3, 'extract_addresses', 'addr_person_id', 'postcode',
     'address_start_date', 'address_end_date'),
] %}
with

keys as (
    select * from {{ ref('int_source_keys') }}
    where kind = 'person'
),

police_reports as (
    select
        *,
        cast(last_seen_at as date) as last_seen_date,
        cast(reported_at as date) as reported_date,
    from {{ ref('stg_police_reports__reports') }}
),

return_episodes as (
    select * from {{ ref('stg_authority_return__episodes') }}
),

extract_addresses as (
    select * from {{ ref('stg_authority_extract__ssd_address') }}
),

addresses as (
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
            _row_number,
        from {{ table }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (
    select
        keys.source_key as mention_key,
        addresses.source,
        addresses.source_rank,
        addresses.postcode,
        addresses.stated_on,
        addresses.ended_on,
        addresses.known_at,
        addresses._delivery_id,
        addresses._row_number,
    from addresses
    inner join keys
        on
            addresses.supplier_code = keys.issuer
            and addresses.person_id = keys.source_id
    where addresses.postcode is not null
)

select * from final
