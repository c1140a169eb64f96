-- The supplier announced that it changed what it records, or a definition in force
-- leaves the absence out. Both are facts of the row, so nothing is compared. Changes
-- that nobody announced are int_reason_d17_recording_gap and
-- int_reason_d17_recording_level_shift.
with

expected_records as (
    select * from {{ ref('int_expected_records') }}
    where is_missed
),

holdings as (
    select * from {{ ref('int_agreement_coverage_pairs') }}
),

categories as (
    select * from {{ ref('ref__categories') }}
),

-- Missed absences of looked-after children on days that both sources have delivered.
watched as (
    select
        expected_records.agreement_id,
        expected_records.start_date,
        expected_records.category_police_code,
        expected_records.expected_source as source,
        expected_records.expected_supplier_code as supplier_code,
        holdings.category_code as category_held_code,
        holdings.hours,
    from expected_records
    inner join holdings on expected_records.agreement_id = holdings.agreement_id
),

changes as (
    select * from {{ ref('int_recording_changes') }}
    where left_out_from_date is not null
),

-- A change to a category applies to its counterpart in the other source too: away
-- corresponds to absent and to no apparent risk.
announced as (
    select
        watched.agreement_id,
        watched.source,
        max(changes.recording_change_id) as recording_change_id,
    from watched
    inner join changes
        on
            watched.supplier_code = changes.supplier_code
            and watched.start_date >= changes.left_out_from_date
            and watched.start_date < changes.left_out_until_date
            and (changes.under_hours is null or watched.hours < changes.under_hours)
    left join categories on changes.category_code = categories.category_code
    left join categories as held_categories
        on watched.category_held_code = held_categories.category_code
    where
        changes.category_code = 'every'
        or categories.comparison_code = held_categories.comparison_code
    group by watched.agreement_id, watched.source
),

regimes as (
    select * from {{ ref('ref__definition_regimes') }}
    where supplier_type = 'authority' and supplier_code = 'all'
),

judged as (
    select
        watched.agreement_id,
        case
            when announced.agreement_id is not null
                then 'announced: ' || announced.recording_change_id
            when regimes.regime_code is not null
                then 'regime ' || regimes.regime_code
        end as evidence,
    from watched
    left join announced
        on
            watched.agreement_id = announced.agreement_id
            and watched.source = announced.source
    left join regimes
        on
            watched.source = 'authority'
            and watched.start_date >= regimes.valid_from
            and watched.start_date <= regimes.valid_to
            and watched.category_police_code in ('absent', 'no_apparent_risk')
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
