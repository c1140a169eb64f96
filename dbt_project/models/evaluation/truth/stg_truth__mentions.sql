{{ config(pre_hook="{{ choose_truth('mentions', {
    'source': 'varchar', 'supplier_code': 'varchar', 'person_source_id': 'varchar',
    'person_id': 'bigint', 'errors': 'varchar'
}) }}") }}

{%- do source('truth', 'mentions') -%}

with

mentions as (
    select * from {{ read_truth('mentions') }}
),

final as (
    select
        source,
        supplier_code,
        person_source_id,
        person_id as person_id_truth,
        errors,
    from mentions
)

select * from final
