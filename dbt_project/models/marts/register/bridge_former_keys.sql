with

former_keys as (
    select * from {{ ref('stg_key_log__former_keys') }}
),

child_keys as (
    select * from {{ ref('dim_child_keys') }}
),

mentions as (
    select * from {{ ref('bridge_child_sources') }}
),

episode_reports as (
    select * from {{ ref('bridge_episode_reports') }}
),

reports as (
    select * from {{ ref('fct_reports') }}
),

-- An interview may be about several absences.
interviews as (
    select distinct interview_id_register from {{ ref('fct_return_interviews') }}
),

placements as (
    select * from {{ ref('dim_placements') }}
),

-- The founder of a child or episode may be another record under another pseudonym key,
-- if several were received at once. So a child's key may lead to a successor, and an
-- episode is found by any of its reports.
final as (
    select
        'child' as key_kind_code,
        'C' || former_keys.former_digits as former_id_register,
        coalesce(child_keys.successor_child_id_register, child_keys.child_id_register)
            as current_id_register,
    from former_keys
    inner join child_keys on 'C' || former_keys.digits = child_keys.child_id_register
    where former_keys.record_kind = 'person'
    union all
    select
        'mention' as key_kind_code,
        'M' || former_keys.former_digits as former_id_register,
        mentions.mention_id_register as current_id_register,
    from former_keys
    inner join mentions on 'M' || former_keys.digits = mentions.mention_id_register
    where former_keys.record_kind = 'person'
    union all
    select
        'episode' as key_kind_code,
        'E' || former_keys.former_digits as former_id_register,
        episode_reports.episode_id_register as current_id_register,
    from former_keys
    inner join episode_reports
        on 'R' || former_keys.digits = episode_reports.report_id_register
    where former_keys.record_kind = 'report'
    union all
    select
        'report' as key_kind_code,
        'R' || former_keys.former_digits as former_id_register,
        reports.report_id_register as current_id_register,
    from former_keys
    inner join reports on 'R' || former_keys.digits = reports.report_id_register
    where former_keys.record_kind = 'report'
    union all
    select
        'interview' as key_kind_code,
        'V' || former_keys.former_digits as former_id_register,
        interviews.interview_id_register as current_id_register,
    from former_keys
    inner join interviews
        on 'V' || former_keys.digits = interviews.interview_id_register
    where former_keys.record_kind = 'interview'
    union all
    select
        'placement' as key_kind_code,
        'P' || former_keys.former_digits as former_id_register,
        placements.placement_id_register as current_id_register,
    from former_keys
    inner join placements
        on 'P' || former_keys.digits = placements.placement_id_register
    where former_keys.record_kind = 'placement'
)

select * from final
