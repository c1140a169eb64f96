-- The true absence of each report in a simulated home. A return writes a start as
-- DD/MM/YYYY, which is converted to the register's form (YYYY-MM-DD) to find the
-- report.
with

records as (
    select * from {{ ref('stg_truth__records') }}
),

keys as (
    select * from {{ ref('int_source_keys') }}
    where kind = 'report'
),

placed as (
    select * from {{ ref('int_report_episodes') }}
),

{% set start_text = dbt.split_part('source_id', "'|'", 2) %}
named as (
    select
        feed || ':' || supplier_code as issuer,
        case feed when 'police_reports' then 'police' else 'authority' end as source,
        case feed
            when 'authority_return'
                then
                    {{ dbt.split_part('source_id', "'|'", 1) }}
                    || '|'
                    || substring({{ start_text }}, 7, 4)
                    || '-'
                    || substring({{ start_text }}, 4, 2)
                    || '-'
                    || substring({{ start_text }}, 1, 2)
                    || '|'
                    || {{ dbt.split_part('source_id', "'|'", 3) }}
            else source_id
        end as source_id,
        person_id_truth,
        absence_id_truth,
    from records
),

final as (
    select
        placed.report_key,
        placed.episode_id_register as agreement_id,
        placed.child_id_register,
        named.source,
        named.person_id_truth,
        named.absence_id_truth,
    from named
    inner join keys
        on named.issuer = keys.issuer and named.source_id = keys.source_id
    inner join placed on keys.source_key = placed.report_key
)

select * from final
