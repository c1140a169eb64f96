-- Every reason that shows, as often as it shows; the strongest of each code.
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

ranked as (
    select
        *,
        row_number() over (
            partition by agreement_id, reason_code
            order by strength, evidence
        ) as strength_rank,
    from every_one
),

final as (
    select
        agreement_id,
        reason_code,
        strength,
        evidence,
    from ranked
    where strength_rank = 1
)

select * from final
