{% set models = [
    'd01_home_missing_from', 'd02_category_judged_differently',
    'd03_away_never_recorded', 'd04_police_not_told', 'd05_report_not_passed_on',
    'd06_border_crossed', 'd07_dates_overnight', 'd08_timestamps_administrative',
    'd09_units_counted_differently', 'd10_threshold_not_reached',
    'd11_record_late_or_open', 'd12_snapshot_amended', 'd13_identity_in_doubt',
    'd14_care_status_mistaken', 'd15_age_in_dispute', 'd16_population_outside',
    'd17_recording_changed', 'd18_period_not_delivered',
] %}
with

disagreements as (
    select * from {{ ref('int_disagreements') }}
),

precedence as (
    select * from {{ ref('ref__reason_precedence') }}
),

every_one as (
    {% for model in models %}
        select
            agreement_id,
            reason_code,
            strength,
            evidence,
        from {{ ref('int_reason_' ~ model) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

ranked_by_strength as (
    select
        *,
        row_number() over (
            partition by agreement_id, reason_code
            order by strength, evidence
        ) as strength_rank,
    from every_one
),

-- Every reason that shows, as often as it shows; the strongest of each code.
reasons_with_evidence as (
    select
        agreement_id,
        reason_code,
        strength,
        evidence,
    from ranked_by_strength
    where strength_rank = 1
),

explained as (
    select distinct agreement_id
    from reasons_with_evidence
),

-- What needs a reason and shows none.
unexplained as (
    select
        disagreements.agreement_id,
        'D0' as reason_code,
        'weak' as strength,
        'none of the other reasons shows' as evidence,
    from disagreements
    left join explained on disagreements.agreement_id = explained.agreement_id
    where explained.agreement_id is null
),

found as (
    select * from reasons_with_evidence
    union all
    select * from unexplained
),

-- One primary reason for every disagreement, by the precedence of what shows and how
-- strongly (ref__reason_precedence); the others contribute.
ranked_reasons as (
    select
        found.*,
        precedence.precedence,
        row_number() over (
            partition by found.agreement_id
            order by precedence.precedence, found.reason_code
        ) as reason_rank,
    from found
    left join precedence
        on
            found.reason_code = precedence.reason_code
            and found.strength = precedence.strength
),

primary_reasons as (
    select * from ranked_reasons
    where reason_rank = 1
),

contributing as (
    select
        agreement_id,
        {{ dbt.listagg('reason_code', "'|'", 'order by reason_rank') }}
            as contributing_reason_codes,
    from ranked_reasons
    where reason_rank > 1
    group by agreement_id
),

final as (
    select
        primary_reasons.agreement_id,
        primary_reasons.reason_code,
        primary_reasons.strength as reason_strength,
        primary_reasons.evidence as reason_evidence,
        contributing.contributing_reason_codes,
    from primary_reasons
    left join contributing
        on primary_reasons.agreement_id = contributing.agreement_id
)

select * from final
