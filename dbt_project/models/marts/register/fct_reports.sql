with

intervals as (
    select * from {{ ref('int_report_intervals') }}
),

placed as (
    select * from {{ ref('int_report_episodes') }}
),

police_reports as (
    select * from {{ ref('int_police_reports') }}
),

postcodes as (
    select * from {{ ref('int_postcode_areas') }}
),

authority_spans as (
    {{ version_spans(
        ref('dim_authorities'), 'authority_code_dfe', 'authority_version_id'
    ) }}
),

force_spans as (
    {{ version_spans(
        ref('dim_police_forces'), 'police_force_code', 'police_force_version_id'
    ) }}
),

child_spans as (
    {{ version_spans(
        ref('int_child_versions'), 'child_id_register', 'child_version_id'
    ) }}
),

final as (
    select
        {{ register_key('R', 'intervals.report_key') }} as report_id_register,
        intervals.source,
        intervals.feed,
        intervals.supplier_code,
        intervals._delivery_id as delivery_id,
        intervals._file as file_name,
        intervals._row_number as row_number,
        cast(intervals.version_count as integer) as version_count,
        intervals.child_id_register,
        child_versions.child_version_id,
        placed.episode_id_register,
        intervals.category_code,
        intervals.start_date,
        intervals.started_at,
        intervals.start_precision,
        intervals.ended_at,
        intervals.end_precision,
        intervals.reported_at,
        intervals.ended_at is null as is_open,
        intervals.is_end_before_start,
        {% for stem, _, _ in police_codes() %}
            police_reports.{{ stem }}_code,
        {% endfor %}
        {% for event in police_moments() %}
            police_reports.{{ event }}_at,
        {% endfor %}
        postcodes.authority_code_dfe as found_authority_code_dfe,
        police_reports.care_authority_code_dfe,
        police_reports.transferred_from_force_code,
        police_reports.transferred_to_force_code,
        police_reports.ethnicity_basis_code,
        intervals.looked_after_flag_code,
        intervals.location_type_code,
        intervals.authority_code_dfe,
        intervals.police_force_code,
        authority_versions.authority_version_id,
        force_versions.police_force_version_id,
        intervals.is_child_at_start,
        intervals.episode_exclusion_reason,
    from intervals
    left join placed on intervals.report_key = placed.report_key
    left join police_reports on intervals.report_key = police_reports.report_key
    left join postcodes
        on
            {{ compact_postcode('police_reports.found_postcode') }}
            = postcodes.postcode
    {{ join_version(
        'child_spans', 'child_versions', 'child_id_register',
        'intervals.child_id_register', 'intervals.started_at'
    ) }}
    {{ join_version(
        'authority_spans', 'authority_versions', 'authority_code_dfe',
        'intervals.authority_code_dfe', 'intervals.start_date'
    ) }}
    {{ join_version(
        'force_spans', 'force_versions', 'police_force_code',
        'intervals.police_force_code', 'intervals.start_date'
    ) }}
)

select * from final
