-- The supplier that lacks the absence has no delivery in the register that covers the
-- first day. It sent no usable one, or its delivery was held, refused or withdrawn.
-- An unknown supplier gives no reason. The sign is weak where it is unknown whether the
-- child was looked after, so that other reasons take precedence.
with

disagreements as (
    select * from {{ ref('int_disagreements') }}
),

held as (
    select
        supplier_code,
        case feed when 'police_reports' then 'police' else 'authority' end as source,
        period_start,
        period_end,
        max(period) as period,
        min(case status when 'withdrawn' then 'withdrawn' else 'held' end) as set_aside,
    from {{ ref('stg_ledger__deliveries') }}
    where status in ('held', 'refused', 'withdrawn')
    group by supplier_code, source, period_start, period_end
),

missed as (
    select
        agreement_id,
        start_date,
        case
            when status = 'police_only' and care_status_code = 'unknown' then 'weak'
            else 'strong'
        end as strength,
        case status when 'police_only' then 'authority' else 'police' end as source,
        case status
            when 'police_only' then authority_code_dfe
            else police_force_code
        end as supplier_code,
    from disagreements
    where
        episode_id_register is not null
        and (
            (status = 'police_only' and not is_authority_covered)
            or (status = 'authority_only' and not is_police_covered)
        )
),

final as (
    select
        missed.agreement_id,
        'D18' as reason_code,
        missed.strength,
        missed.source
        || ' '
        || missed.supplier_code
        || case
            when held.period is not null
                then ': what it sent for ' || held.period || ' is ' || held.set_aside
            else
                ' has nothing for '
                || cast({{ month_of('missed.start_date') }} as varchar)
        end as evidence,
    from missed
    left join held
        on
            missed.source = held.source
            and missed.supplier_code = held.supplier_code
            and missed.start_date >= held.period_start
            and missed.start_date <= held.period_end
    where missed.supplier_code != 'unknown'
)

select * from final
