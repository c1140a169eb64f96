-- Only the latest extract is current. By that extract alone, every child would seem to
-- be first known last month, and keys would change from load to load. So identifiers,
-- and nothing else, are read from every extract that was neither rejected nor held.
{{ config(pre_hook=[
    "{{ choose_known_files('authority_extract', 'ssd_person') }}",
    "{{ choose_known_files('authority_extract', 'ssd_missing') }}",
]) }}

with

deliveries as (
    select * from {{ ref('stg_ledger__deliveries') }}
),

identifiers as (
    select distinct
        'person' as kind,
        pers_person_id as source_id,
        _delivery_id,
    from {{ read_known_files('ssd_person') }}
    union all
    select distinct
        'report' as kind,
        miss_table_id as source_id,
        _delivery_id,
    from {{ read_known_files('ssd_missing') }}
),

final as (
    select
        identifiers.kind,
        deliveries.supplier_code,
        identifiers.source_id,
        min(deliveries.received_at) as first_received_at,
        min(deliveries.period_start) as first_period_start,
    from identifiers
    inner join deliveries on identifiers._delivery_id = deliveries.delivery_id
    where identifiers.source_id is not null
    group by identifiers.kind, deliveries.supplier_code, identifiers.source_id
)

select * from final
