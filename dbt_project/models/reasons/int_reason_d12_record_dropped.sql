-- The source that lacks the absence had it in an earlier delivery, but has it in no
-- current one. This is a fact of the row, so nothing is compared. A weaker sign, that
-- the supplier sent another version, is int_reason_d12_snapshot_amended.
with

expected_records as (
    select * from {{ ref('int_expected_records') }}
    where is_missed
),

dropped_records as (
    select * from {{ ref('int_dropped_records') }}
),

crosswalk as (
    select * from {{ ref('int_child_crosswalk') }}
),

dropped as (
    select
        crosswalk.child_id_register,
        dropped_records.source,
        dropped_records.start_date,
        dropped_records.period,
    from dropped_records
    inner join crosswalk on dropped_records.mention_key = crosswalk.mention_key
),

final as (
    select
        expected_records.agreement_id,
        'D12' as reason_code,
        'strong' as strength,
        'in the delivery of ' || max(dropped.period) || ' and in no later one'
            as evidence,
    from expected_records
    inner join dropped
        on
            expected_records.child_id_register = dropped.child_id_register
            and expected_records.expected_source = dropped.source
            and abs({{ elapsed_days(
                'dropped.start_date', 'expected_records.start_date'
            ) }}) <= 1
    group by expected_records.agreement_id
)

select * from final
