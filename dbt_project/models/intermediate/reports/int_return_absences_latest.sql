with

keys as (
    select * from {{ ref('int_source_keys_pseudonymised') }}
),

absences as (
    select
        *,
        {{ return_absence_id() }} as absence_id,
        'authority_return:' || supplier_code as report_issuer,
    from {{ ref('stg_authority_return__missing') }}
),

deliveries as (
    select * from {{ ref('stg_ledger__deliveries_current') }}
),

versions as (
    {{ record_versions('absences', 'absence_id') }}
),

final as (
    select
        report_keys.source_key as report_key,
        person_keys.source_key as mention_key,
        versions.version_count,
        versions.first_received_at,
        versions.first_period_start,
        absences.*,
    from versions
    inner join absences on {{ is_same_row('versions', 'absences') }}
    {{ join_source_key(
        'report_keys', 'report', 'absences.report_issuer', 'absences.absence_id'
    ) }}
    {{ join_source_key(
        'person_keys', 'person', 'absences.supplier_code', 'absences.child'
    ) }}
    where versions.version_rank = 1
)

select * from final
