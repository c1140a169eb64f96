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
        police_reports.risk_initial_code,
        police_reports.risk_highest_code,
        police_reports.risk_final_code,
        intervals.looked_after_flag_code,
        intervals.location_type_code,
        intervals.authority_code_dfe,
        intervals.police_force_code,
        intervals.is_child_at_start,
        intervals.episode_exclusion_reason,
    from intervals
    left join placed on intervals.report_key = placed.report_key
    left join police_reports on intervals.report_key = police_reports.report_key
)

select * from final
