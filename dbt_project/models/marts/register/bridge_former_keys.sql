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

-- Each present key by the record that gave it. The founder of a child or episode may be
-- another record under another pseudonym key, if several were received at once. So a
-- child's key may lead to a successor, and an episode is found by any of its reports.
present_keys as (
    select
        'child' as key_kind_code,
        'person' as record_kind,
        child_id_register as own_id_register,
        coalesce(successor_child_id_register, child_id_register) as current_id_register,
    from child_keys
    union all
    select
        'mention' as key_kind_code,
        'person' as record_kind,
        mention_id_register as own_id_register,
        mention_id_register as current_id_register,
    from mentions
    union all
    select
        'episode' as key_kind_code,
        'report' as record_kind,
        'E' || substr(report_id_register, 2) as own_id_register,
        episode_id_register as current_id_register,
    from episode_reports
    union all
    select
        'report' as key_kind_code,
        'report' as record_kind,
        report_id_register as own_id_register,
        report_id_register as current_id_register,
    from reports
    union all
    select
        'interview' as key_kind_code,
        'interview' as record_kind,
        interview_id_register as own_id_register,
        interview_id_register as current_id_register,
    from interviews
    union all
    select
        'placement' as key_kind_code,
        'placement' as record_kind,
        placement_id_register as own_id_register,
        placement_id_register as current_id_register,
    from placements
),

final as (
    select
        present_keys.key_kind_code,
        substr(present_keys.own_id_register, 1, 1) || former_keys.former_digits
            as former_id_register,
        present_keys.current_id_register,
    from former_keys
    inner join present_keys
        on
            former_keys.record_kind = present_keys.record_kind
            and former_keys.digits = substr(present_keys.own_id_register, 2)
)

select * from final
