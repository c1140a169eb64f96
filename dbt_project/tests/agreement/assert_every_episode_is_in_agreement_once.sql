-- Fails if an episode, or a report without a usable start, is missing from
-- `fct_agreement`, or if `fct_agreement` has a row for anything else.
with

agreement as (
    select * from {{ ref('fct_agreement') }}
),

expected as (
    select episode_id_register as agreement_id
    from {{ ref('fct_episodes') }}
    union all
    select report_id_register
    from {{ ref('fct_reports') }}
    where episode_exclusion_reason = 'no_usable_start'
),

final as (
    select
        expected.agreement_id as expected_id,
        agreement.agreement_id as found_id,
    from expected
    full outer join agreement on expected.agreement_id = agreement.agreement_id
    where expected.agreement_id is null or agreement.agreement_id is null
)

select * from final
