-- Fails, and so stops the load, if more mentions move to another child or disappear
-- than the tolerance allows. A person can accept the change with `register load
-- --accept-churn`. The test does not apply to a rebuild of an earlier state, which is
-- stored separately and changes no keys.
with

churn as (
    select * from {{ ref('agg_identity_churn_by_generation') }}
    where is_this_generation and not is_accepted
),

measured as (
    select
        'identity_churn' as tolerance_code,
        changed_mention_count as affected_count,
        churn_share as affected_share,
    from churn
    union all
    select
        'identity_vanished' as tolerance_code,
        vanished_mention_count as affected_count,
        vanished_share as affected_share,
    from churn
),

final as (
    select
        measured.tolerance_code,
        measured.affected_count,
        measured.affected_share,
        tolerances.maximum_share,
    from measured
    inner join {{ ref('ref__hold_tolerances') }} as tolerances
        on measured.tolerance_code = tolerances.tolerance_code
    where
        measured.affected_share > tolerances.maximum_share
        and measured.affected_count >= tolerances.least_count
        and '{{ var("as_known_at") }}' >= '9999'
)

select * from final
