with

keys as (
    select * from {{ ref('int_source_keys') }}
),

numbered as (
    {{ numbered_records(
        ref('stg_police_reports__reports'), ref('int_report_numbers'),
        'report_ref', 'report_id'
    ) }}
),

reports as (
    select
        *,
        {{ police_person_id() }} as person_id,
        'police_reports:' || supplier_code as report_issuer,
    from numbered
),

deliveries as (
    select * from {{ ref('stg_ledger__deliveries') }}
    where is_current
),

versions as (
    {{ record_versions('reports', 'report_id') }}
),

authority_names as (
    {{ names_of(ref('ref__authorities'), 'authority_code_dfe', 'authority_name') }}
),

force_names as (
    {{ names_of(ref('ref__police_forces'), 'police_force_code', 'police_force_name') }}
),

final as (
    select
        report_keys.source_key as report_key,
        person_keys.source_key as mention_key,
        versions.version_count,
        versions.first_received_at,
        versions.first_period_start,
        reports.*,
        {{ named_code('care_names', 'reports.care_authority_source') }}
            as care_authority_code_dfe,
        {{ named_code('from_names', 'reports.transferred_from_force') }}
            as transferred_from_force_code,
        {{ named_code('to_names', 'reports.transferred_to_force') }}
            as transferred_to_force_code,
    from versions
    inner join reports on {{ is_same_row('versions', 'reports') }}
    {{ join_source_key(
        'report_keys', 'report', 'reports.report_issuer', 'reports.report_id'
    ) }}
    {{ join_source_key(
        'person_keys', 'person', 'reports.supplier_code', 'reports.person_id'
    ) }}
    left join authority_names as care_names
        on lower(trim(reports.care_authority_source)) = care_names.label
    left join force_names as from_names
        on lower(trim(reports.transferred_from_force)) = from_names.label
    left join force_names as to_names
        on lower(trim(reports.transferred_to_force)) = to_names.label
    where versions.version_rank = 1
)

select * from final
