-- A fact of the row needs no comparison. Any other sign is also looked for in absences
-- that both sources recorded. Models in `facts` give only facts. Models in `compared`
-- give other signs; their rows without `expected_source` are facts too.
{% set facts = [
    'd01_home_missing_from', 'd02_category_judged_differently', 'd07_dates_overnight',
    'd12_record_dropped', 'd13_identity_in_doubt', 'd16_population_outside', 'd17_recording_changed',
    'd18_period_not_delivered',
] %}
{% set compared = [
    'd03_away_never_recorded', 'd04_police_not_told', 'd05_report_not_passed_on',
    'd06_border_crossed', 'd08_timestamps_administrative',
    'd09_units_counted_differently', 'd10_threshold_not_reached',
    'd11_record_late_or_open', 'd12_snapshot_amended', 'd14_care_status_mistaken',
    'd15_age_in_dispute', 'd17_recording_gap', 'd17_recording_level_shift',
] %}
with

precedence as (
    select * from {{ ref('ref__reason_precedence') }}
),

every_one as (
    {% for model in facts + compared %}
        select
            agreement_id,
            reason_code,
            strength,
            evidence,
            {% if model in facts %}
                cast(null as varchar) as expected_source,
                true as is_missed,
            {% else %}
                expected_source,
                is_missed,
            {% endif %}
        from {{ ref('int_reason_' ~ model) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

ranked as (
    select
        every_one.*,
        precedence.precedence,
        precedence.comparison_round,
        row_number() over (
            partition by
                every_one.agreement_id,
                every_one.expected_source,
                every_one.is_missed,
                every_one.reason_code
            order by precedence.precedence, every_one.evidence
        ) as strength_rank,
    from every_one
    left join precedence
        on
            every_one.reason_code = precedence.reason_code
            and every_one.strength = precedence.strength
),

-- For each absence and reason, only the strongest fact is kept, and for each expected
-- source only the strongest other sign.
final as (
    select
        agreement_id,
        agreement_id || '|' || expected_source as expected_record_id,
        is_missed,
        reason_code,
        strength,
        precedence,
        comparison_round,
        evidence,
    from ranked
    where strength_rank = 1
)

select * from final
