-- A supplier's recording broke off, or changed: for some months, as it announced, for
-- brief absences from some month, or by its definitions.
with

disagreements as (
    select * from {{ ref('int_disagreements') }}
),

holdings as (
    select * from {{ ref('int_agreement_coverage_pairs') }}
),

categories as (
    select * from {{ ref('ref__categories') }}
),

breaks as (
    select * from {{ ref('int_recording_gaps') }}
),

steps as (
    select * from {{ ref('int_recording_level_shifts') }}
),

-- Single-source rows that were in scope of the other source.
missed as (
    select
        disagreements.agreement_id,
        disagreements.start_date,
        disagreements.category_police_code,
        holdings.category_code as category_held_code,
        holdings.hours,
        holdings.start_month,
        case
            when disagreements.is_missed_by_authority then 'authority'
            else 'police'
        end as source,
        case
            when disagreements.is_missed_by_authority
                then disagreements.authority_code_dfe
            else disagreements.police_force_code
        end as supplier_code,
    from disagreements
    inner join holdings on disagreements.agreement_id = holdings.agreement_id
    where disagreements.is_missed_by_authority or disagreements.is_missed_by_police
),

changes as (
    select * from {{ ref('int_recording_changes') }}
    where left_out_from_date is not null
),

-- A category compares with that of the other source: away with absent and no apparent
-- risk.
announced as (
    select
        missed.agreement_id,
        max(changes.recording_change_id) as recording_change_id,
    from missed
    inner join changes
        on
            missed.supplier_code = changes.supplier_code
            and missed.start_date >= changes.left_out_from_date
            and missed.start_date < changes.left_out_until_date
            and (changes.under_hours is null or missed.hours < changes.under_hours)
    left join categories on changes.category_code = categories.category_code
    left join categories as held_categories
        on missed.category_held_code = held_categories.category_code
    where
        changes.category_code = 'every'
        or categories.comparison_code = held_categories.comparison_code
    group by missed.agreement_id
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
