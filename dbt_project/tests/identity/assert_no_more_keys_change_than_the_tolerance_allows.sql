-- Fails, and so holds the load, when more persons of sources would become another child
-- or be gone than the tolerance allows and nobody has accepted it:
-- `register load --accept-churn`. A look back is put aside and changes nobody's keys.
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
