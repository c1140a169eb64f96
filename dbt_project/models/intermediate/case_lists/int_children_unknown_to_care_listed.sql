-- Children whom the police took for looked after, and whom the authority's data do not
-- show in care though it had delivered: a wrong flag, or a child nobody answers for.
with

known_on as (
    select cast(max(received_at) as date) as as_of_date
    from {{ ref('stg_ledger__deliveries') }}
),

crosswalk as (
    select distinct child_id_register
    from {{ ref('int_child_crosswalk') }}
    where source = 'authority'
),

episodes as (
    select
        episodes.*,
        known_on.as_of_date,
        crosswalk.child_id_register is not null as is_known_to_authority,
    from {{ ref('int_episodes_merged') }} as episodes
    cross join known_on
    left join crosswalk on episodes.child_id_register = crosswalk.child_id_register
    where
        episodes.looked_after_flag_code = 'yes'
        and episodes.care_status_code = 'home'
        and episodes.is_authority_covered
        and {{ elapsed_days('episodes.start_date', 'known_on.as_of_date') }}
        <= {{ var('falling_through_days') }}
),

ranked as (
    select
        *,
        {{ place_on_case_list() }},
    from episodes
),

final as (
    select
        child_id_register,
        episode_id_register,
        case
            when is_known_to_authority then 'no_period_of_care'
            else 'no_authority_record'
        end as reason_code,
        as_of_date,
        since_date,
        episode_count,
        'authority' as body_type_code,
        authority_code_dfe as body_code,
    from ranked
    where recency_rank = 1
)

select * from final
