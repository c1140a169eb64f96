{% set tables = [
    ('stg_authority_extract__ssd_person', 'pers_person_id'),
    ('stg_authority_extract__ssd_missing', 'miss_person_id'),
    ('stg_authority_extract__ssd_cla_episodes', 'clae_person_id'),
    ('stg_authority_extract__ssd_cla_placement', 'clap_person_id'),
    ('stg_authority_extract__ssd_legal_status', 'lega_person_id'),
    ('stg_authority_extract__ssd_immigration_status', 'immi_person_id'),
    ('stg_authority_extract__ssd_linked_identifiers', 'link_person_id'),
    ('stg_authority_extract__ssd_address', 'addr_person_id'),
    ('stg_authority_return__header', 'child'),
    ('stg_authority_return__episodes', 'child'),
    ('stg_authority_return__missing', 'child'),
    ('stg_authority_return__uasc', 'child'),
] %}
with

named as (
    {% for table, column in tables %}
        select
            supplier_code,
            _delivery_id,
            {{ column }} as person_id,
        from {{ ref(table) }}
        {{ 'union distinct' if not loop.last }}
    {% endfor %}
),

deliveries as (
    select * from {{ ref('stg_ledger__deliveries_current') }}
),

first_known as (
    select * from {{ ref('int_extract_ids_first_known') }}
    where kind = 'person'
),

final as (
    select
        named.supplier_code,
        named.person_id,
        min(least(
            deliveries.received_at,
            coalesce(first_known.first_received_at, deliveries.received_at)
        )) as first_received_at,
        min(least(
            deliveries.period_start,
            coalesce(first_known.first_period_start, deliveries.period_start)
        )) as first_period_start,
    from named
    inner join deliveries on named._delivery_id = deliveries.delivery_id
    left join first_known
        on
            named.supplier_code = first_known.supplier_code
            and named.person_id = first_known.source_id
    where named.person_id is not null
    group by named.supplier_code, named.person_id
)

select * from final
