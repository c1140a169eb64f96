{%- do source('truth', 'mentions') -%}

-- If a force delivers no reference of a person, the register identifies the person by
-- the report. The true person is therefore listed by reference and also by report.
with

simulated_persons as (
    select * from {{ read_truth('mentions') }}
),

true_persons as (
    select
        source,
        supplier_code,
        person_source_id,
        person_id as person_id_truth,
        errors,
    from simulated_persons
),

records as (
    select * from {{ ref('stg_truth__records') }}
    where feed = 'police_reports'
),

keys as (
    select * from {{ ref('int_source_keys') }}
    where kind = 'person'
),

known as (
    select
        supplier_code,
        person_source_id as source_id,
        person_id_truth,
        errors,
    from true_persons
    union all
    select
        supplier_code,
        'report:' || source_id as source_id,
        person_id_truth,
        errors,
    from records
),

final as (
    select
        keys.source_key as mention_key,
        min(known.person_id_truth) as person_id_truth,
        coalesce(nullif(min(known.errors), ''), 'none') as errors,
    from known
    inner join keys
        on
            known.supplier_code = keys.issuer
            and known.source_id = keys.source_id
    group by keys.source_key
)

select * from final
