-- Assigned and true reason of each disagreement of a simulated home. Where several
-- reasons are true, any of them is right; otherwise the true one is the first in the
-- simulation.
with

disagreements as (
    select * from {{ ref('int_disagreements') }}
),

chosen as (
    select * from {{ ref('int_agreement_reasons') }}
),

causes as (
    select * from {{ ref('int_true_causes') }}
),

reasons as (
    select * from {{ ref('ref__reasons') }}
),

simulated as (
    select count(*) as record_count
    from {{ ref('stg_truth__records') }}
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
                reasons.sort_order
        ) as cause_rank,
    from causes
    inner join chosen on causes.agreement_id = chosen.agreement_id
    inner join reasons on causes.reason_code = reasons.reason_code
),

final as (
    select
        chosen.agreement_id,
        disagreements.status,
        chosen.reason_code as assigned_reason_code,
        chosen.reason_strength as assigned_strength,
        coalesce(ranked.reason_code, 'unknown') as true_reason_code,
        ranked.reason_code is not null as is_truth_known,
        coalesce(ranked.reason_code = chosen.reason_code, false) as is_right,
    from chosen
    cross join simulated
    inner join disagreements on chosen.agreement_id = disagreements.agreement_id
    left join ranked
        on chosen.agreement_id = ranked.agreement_id and ranked.cause_rank = 1
    where simulated.record_count > 0
)

select * from final
