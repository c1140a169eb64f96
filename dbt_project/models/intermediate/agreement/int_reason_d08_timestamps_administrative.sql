-- A case system that writes when work was done, not when it happened: later than the
-- police, in office hours. See int_evidence_case_systems_timed.
with

disagreements as (
    select * from {{ ref('int_disagreements_gathered') }}
),

systems as (
    select * from {{ ref('int_evidence_case_systems_timed') }}
    where is_administrative
),

counterparts as (
    select * from {{ ref('int_evidence_counterparts_found') }}
    where not is_authority_dated_only and start_lag_hours > 0
),

shifted as (
    select * from {{ ref('int_evidence_shifted_matches_found') }}
),

matched as (
    select
        'strong' as strength,
        disagreements.agreement_id,
        disagreements.authority_supplier_code,
        greatest(
            coalesce(disagreements.start_difference_hours, 0),
            coalesce(disagreements.end_difference_hours, 0)
        ) as lag_hours,
    from disagreements
    where
        disagreements.is_time_different
        and not disagreements.authority_is_dated_only
),

apart as (
    select
        'strong' as strength,
        disagreements.agreement_id,
        counterparts.authority_supplier_code,
        counterparts.start_lag_hours as lag_hours,
    from disagreements
    inner join counterparts
        on disagreements.agreement_id = counterparts.agreement_id
),

beside as (
    select
        'weak' as strength,
        disagreements.agreement_id,
        disagreements.authority_code_dfe as authority_supplier_code,
        shifted.lag_hours,
    from disagreements
    inner join shifted on disagreements.agreement_id = shifted.agreement_id
),

every_one as (
    select * from matched
    union all
    select * from apart
    union all
    select * from beside
),

final as (
    select
        every_one.agreement_id,
        'D8' as reason_code,
        every_one.strength,
        coalesce(systems.case_system_code, 'case system')
        || ', '
        || cast(round(every_one.lag_hours, 1) as varchar)
        || ' h later; '
        || cast(
            cast(round(100 * systems.office_share, 0) as integer) as varchar
        )
        || ' % of starts in office hours' as evidence,
    from every_one
    inner join systems
        on every_one.authority_supplier_code = systems.supplier_code
    where every_one.lag_hours > 0 or every_one.strength = 'weak'
)

select * from final
