-- Authority-only, and the police had delivered: away or short, or else of a child with
-- other police records, so that identity is not the question.
with

disagreements as (
    select * from {{ ref('int_disagreements') }}
),

thresholds as (
    {{ reason_thresholds(['short_hours']) }}
),

known_children as (
    select distinct child_id_register
    from {{ ref('int_child_crosswalk') }}
    where source = 'police'
),

judged as (
    select
        disagreements.agreement_id,
        disagreements.category_authority_code,
        known_children.child_id_register is not null as is_known_to_police,
        hours_between(
            disagreements.authority_start_lower_at, disagreements.authority_end_lower_at
        ) as hours,
        disagreements.category_authority_code = 'away'
        or coalesce(
            hours_between(
                disagreements.authority_start_lower_at,
                disagreements.authority_end_lower_at
            ) < thresholds.short_hours,
            false
        ) as is_slight,
    from disagreements
    cross join thresholds
    left join known_children
        on disagreements.child_id_register = known_children.child_id_register
    where disagreements.is_missed_by_police
),

final as (
    select
        agreement_id,
        'D4' as reason_code,
        case when is_slight then 'strong' else 'weak' end as strength,
        category_authority_code
        || coalesce(', ' || cast(round(hours, 1) as varchar) || ' h', '')
        || case
            when is_known_to_police then ', child known to the police'
            else ''
        end as evidence,
    from judged
    where is_slight or is_known_to_police
)

select * from final
