-- The body that could have seen it has delivered nothing that speaks of its first day.
with

disagreements as (
    select * from {{ ref('int_disagreements_gathered') }}
),

final as (
    select
        agreement_id,
        'D18' as reason_code,
        'strong' as strength,
        case status
            when 'police_only'
                then 'authority ' || authority_code_dfe || ' has nothing for '
            else 'force ' || police_force_code || ' has nothing for '
        end
        || cast({{ month_of('start_date') }} as varchar) as evidence,
    from disagreements
    where
        episode_id_register is not null
        and (
            (status = 'police_only' and not is_authority_covered)
            or (status = 'authority_only' and not is_police_covered)
        )
)

select * from final
