{%- do source('truth', 'records') -%}

with

records as (
    select * from {{ read_truth('records') }}
),

final as (
    select
        feed,
        supplier_code,
        source_id,
        person_source_id,
        person_id as person_id_truth,
        absence_id as absence_id_truth,
        cause as cause_code,
        errors,
        is_only_resubmitted,
    from records
)

select * from final
