-- Compares the assigned reason of each disagreement with the true reason, in a
-- simulated home. If several reasons are true, each of them counts as right. If the
-- assigned reason is wrong, `true_reason_code` is the simulation's primary reason. Two
-- simple baselines are judged in the same way: D1 for every disagreement, and
-- `five_lines_reason_code`.
with

disagreements as (
    select * from {{ ref('int_disagreements') }}
),

reasons_assigned as (
    select * from {{ ref('int_agreement_reasons') }}
),

causes as (
    select * from {{ ref('int_true_causes') }}
),

reasons as (
    select * from {{ ref('ref__reasons') }}
),

thresholds as (
    {{ reason_thresholds(ref('ref__reason_thresholds'), ['brief_hours']) }}
),

simulated as (
    select count(*) as record_count
    from {{ ref('stg_truth__records') }}
),

-- `five_lines_reason_code` is a baseline that uses only three facts: who recorded the
-- absence, whether the child lives at home, and how long the absence lasted.
chosen as (
    select
        reasons_assigned.agreement_id,
        disagreements.status,
        reasons_assigned.reason_code,
        reasons_assigned.reason_strength,
        case
            when disagreements.status = 'both' then 'D8'
            when disagreements.status = 'authority_only' then 'D4'
            when disagreements.care_status_code = 'home' then 'D1'
            when
                {{ function('hours_between') }}(
                    disagreements.police_start_lower_at,
                    disagreements.police_end_lower_at
                ) < thresholds.brief_hours
                then 'D10'
            else 'D5'
        end as five_lines_reason_code,
    from reasons_assigned
    cross join simulated
    cross join thresholds
    inner join disagreements
        on reasons_assigned.agreement_id = disagreements.agreement_id
    where simulated.record_count > 0
),

ranked as (
    select
        causes.agreement_id,
        causes.reason_code,
        row_number() over (
            partition by causes.agreement_id
            order by
                case when causes.reason_code = chosen.reason_code then 0 else 1 end,
                case when causes.is_primary then 0 else 1 end,
                reasons.sort_order,
                causes.reason_code
        ) as cause_rank,
        row_number() over (
            partition by causes.agreement_id
            order by
                case when causes.is_primary then 0 else 1 end,
                reasons.sort_order,
                causes.reason_code
        ) as primary_rank,
    from causes
    inner join chosen on causes.agreement_id = chosen.agreement_id
    inner join reasons on causes.reason_code = reasons.reason_code
),

truths as (
    select
        ranked.agreement_id,
        max(case when ranked.cause_rank = 1 then ranked.reason_code end)
            as true_reason_code,
        max(case when ranked.primary_rank = 1 then ranked.reason_code end)
            as primary_reason_code,
        max(case when ranked.reason_code = 'D1' then 1 else 0 end) = 1
            as is_home_right,
        max(case
            when ranked.reason_code = chosen.five_lines_reason_code then 1
            else 0
        end) = 1 as is_five_lines_right,
    from ranked
    inner join chosen on ranked.agreement_id = chosen.agreement_id
    group by ranked.agreement_id
),

final as (
    select
        chosen.agreement_id,
        chosen.status,
        chosen.reason_code as assigned_reason_code,
        chosen.reason_strength as assigned_strength,
        coalesce(truths.true_reason_code, 'unknown') as true_reason_code,
        truths.true_reason_code is not null as is_truth_known,
        coalesce(truths.true_reason_code = chosen.reason_code, false) as is_right,
        coalesce(truths.primary_reason_code = chosen.reason_code, false)
            as is_primary_right,
        coalesce(truths.is_home_right, false) as is_home_right,
        coalesce(truths.is_five_lines_right, false) as is_five_lines_right,
    from chosen
    left join truths on chosen.agreement_id = truths.agreement_id
)

select * from final
