with

episodes as (
    select * from {{ ref('int_episodes') }}
    where end_basis_code = 'open'
),

names as (
    {{ child_names(ref('int_golden_record_values')) }}
),

children as (
    select * from {{ ref('int_child_versions') }}
    where valid_to is null
),

last_days as (
    {{ last_covered_days(ref('stg_ledger__deliveries')) }}
),

final as (
    select
        episodes.child_id_register,
        episodes.episode_id_register,
        names.forenames,
        names.surname,
        episodes.birth_date,
        episodes.age_at_start,
        children.sex_code,
        episodes.started_at,
        episodes.start_precision,
        cast(
            {{ elapsed_days('episodes.start_date', 'last_days.last_date') }}
            as integer
        ) as days_open,
        case
            when episodes.category_code = 'missing'
                then
                    cast(
                        {{ elapsed_days('episodes.start_date', 'last_days.last_date') }}
                        as integer
                    )
        end as days_missing,
        episodes.returned_from_at as last_known_away_at,
        episodes.category_code,
        episodes.care_status_code,
        episodes.placement_type_code,
        episodes.placing_authority_code_dfe,
        episodes.host_authority_code_dfe,
        episodes.police_force_code,
        episodes.source_status,
        case
            when episodes.source_status = 'police_only' then 'authority'
            when episodes.source_status = 'authority_only' then 'police'
        end as source_not_aware,
    from episodes
    cross join last_days
    left join names on episodes.child_id_register = names.child_id_register
    left join children on episodes.child_id_register = children.child_id_register
)

select * from final
