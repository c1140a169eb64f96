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

final as (
    select
        named.supplier_code,
        named.person_id,
        min(deliveries.received_at) as first_received_at,
        min(deliveries.period_start) as first_period_start,
    from named
    inner join deliveries on named._delivery_id = deliveries.delivery_id
    where named.person_id is not null
    group by named.supplier_code, named.person_id
)

select * from final
