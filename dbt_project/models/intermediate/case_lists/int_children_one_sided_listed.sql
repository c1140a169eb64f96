-- Looked-after children for whose absences both sources had delivered, and whom only
-- one of them ever reported in the time that the lists look back.
with

known_on as (
    select cast(max(received_at) as date) as as_of_date
    from {{ ref('stg_ledger__deliveries') }}
),

episodes as (
    select
        episodes.*,
        known_on.as_of_date,
    from {{ ref('int_episodes_merged') }} as episodes
    cross join known_on
    where
        episodes.care_status_code = 'looked_after'
        and episodes.is_police_covered
        and episodes.is_authority_covered
        and {{ elapsed_days('episodes.start_date', 'known_on.as_of_date') }}
        <= {{ var('falling_through_days') }}
),

ranked as (
    select
        *,
        min(source_status) over (partition by child_id_register) as first_status,
        max(source_status) over (partition by child_id_register) as last_status,
        {{ place_on_case_list() }},
    from episodes
),

final as (
    select
        child_id_register,
        episode_id_register,
        source_status as reason_code,
        as_of_date,
        since_date,
        episode_count,
        case source_status when 'police_only' then 'authority' else 'police' end
            as body_type_code,
        case source_status
            when 'police_only' then authority_code_dfe
            else police_force_code
        end as body_code,
    from ranked
    where
        recency_rank = 1
        and first_status = last_status
        and source_status != 'both'
)

select * from final
