-- A case system that records when work was done, not when it happened: later than the
-- police, in office hours. See int_case_system_timestamp_profiles.
with

disagreements as (
    select * from {{ ref('int_disagreements') }}
),

agreement_rows as (
    select * from {{ ref('int_agreement_rows') }}
    where episode_id_register is not null
),

systems as (
    select * from {{ ref('int_case_system_timestamp_profiles') }}
    where is_administrative
),

thresholds as (
    {{ reason_thresholds(['counterpart_hours']) }}
),

alone as (
    select
        agreement_rows.agreement_id,
        agreement_rows.child_id_register,
        agreement_rows.status,
        coalesce(
            agreement_rows.police_start_lower_at,
            agreement_rows.authority_start_lower_at
        ) as start_at,
    from agreement_rows
    inner join systems
        on agreement_rows.authority_code_dfe = systems.supplier_code
    where
        agreement_rows.status != 'both'
        and agreement_rows.is_police_covered
        and agreement_rows.is_authority_covered
),

matched_starts as (
    select * from agreement_rows
    where status = 'both' and start_difference_hours < 0
),

-- Work comes after what happened: behind the police's record, before the authority's.
lags as (
    select
        alone.agreement_id,
        case alone.status
            when 'police_only'
                then hours_between(
                    alone.start_at, matched_starts.authority_start_lower_at
                )
            else hours_between(matched_starts.police_start_lower_at, alone.start_at)
        end as lag_hours,
    from alone
    inner join matched_starts
        on alone.child_id_register = matched_starts.child_id_register
),

-- A single-source absence, from a case system that records work, near one recorded by
-- both whose authority time is before the police time: work is not recorded in advance,
-- so that record belongs to the absence before, and this one to the next.
late_entry_matches as (
    select
        lags.agreement_id,
        min(lags.lag_hours) as lag_hours,
    from lags
    cross join thresholds
    where lags.lag_hours >= 0 and lags.lag_hours <= thresholds.counterpart_hours
    group by lags.agreement_id
),

counterparts as (
    select * from {{ ref('int_unmatched_candidates') }}
    where not is_authority_dated_only and start_lag_hours > 0
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
        late_entry_matches.lag_hours,
    from disagreements
    inner join late_entry_matches
        on disagreements.agreement_id = late_entry_matches.agreement_id
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
