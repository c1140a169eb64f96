-- A supplier's recording broke off, or changed: for some months, as it announced, for
-- brief absences from some month, or by its definitions.
with

missed as (
    select * from {{ ref('int_disagreements_missed') }}
),

breaks as (
    select * from {{ ref('int_evidence_breaks_found') }}
),

steps as (
    select * from {{ ref('int_evidence_steps_found') }}
),

announced as (
    select * from {{ ref('int_evidence_changes_announced') }}
),

regimes as (
    select * from {{ ref('ref__definition_regimes') }}
    where supplier_type = 'authority' and supplier_code = 'all'
),

thresholds as (
    {{ reason_thresholds(['brief_hours']) }}
),

judged as (
    select
        missed.agreement_id,
        case
            when breaks.source is not null
                then
                    'that month '
                    || cast(cast(breaks.held_count as integer) as varchar)
                    || ' of '
                    || cast(breaks.known_count as varchar)
                    || ', usually '
                    || cast(cast(round(100 * breaks.usual_share) as integer) as varchar)
                    || ' %'
            when announced.agreement_id is not null
                then 'announced: ' || announced.recording_change_id
            when steps.source is not null
                then
                    'brief ones '
                    || steps.low_side
                    || ' '
                    || cast(steps.step_month as varchar)
                    || ': '
                    || cast(cast(steps.low_held_count as integer) as varchar)
                    || ' of '
                    || cast(steps.low_known_count as varchar)
                    || ', otherwise '
                    || cast(cast(round(100 * steps.usual_share) as integer) as varchar)
                    || ' %'
            when regimes.regime_code is not null
                then 'regime ' || regimes.regime_code
        end as evidence,
    from missed
    cross join thresholds
    left join breaks
        on
            missed.source = breaks.source
            and missed.supplier_code = breaks.supplier_code
            and missed.start_month = breaks.start_month
    left join announced on missed.agreement_id = announced.agreement_id
    left join steps
        on
            missed.source = steps.source
            and missed.supplier_code = steps.supplier_code
            and missed.hours < thresholds.brief_hours
            and case steps.low_side when 'since' then 1 else 0 end
            = case
                when missed.start_month >= steps.step_month then 1
                else 0
            end
    left join regimes
        on
            missed.source = 'authority'
            and missed.start_date >= regimes.valid_from
            and missed.start_date <= regimes.valid_to
            and missed.category_police_code in ('absent', 'no_apparent_risk')
            and regimes.category_codes not like '%away%'
),

final as (
    select
        agreement_id,
        'D17' as reason_code,
        'strong' as strength,
        evidence,
    from judged
    where evidence is not null
)

select * from final
