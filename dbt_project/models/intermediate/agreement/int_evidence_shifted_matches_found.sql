-- An absence in one source alone, of a case system that writes work, near one that both
-- hold and whose authority time lies before the police's: work is not written
-- beforehand, so that record belongs to the absence before, and this one to the next.
with

agreement_rows as (
    select * from {{ ref('int_agreement_rows_gathered') }}
    where episode_id_register is not null
),

systems as (
    select * from {{ ref('int_evidence_case_systems_timed') }}
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

matched as (
    select * from agreement_rows
    where status = 'both' and start_difference_hours < 0
),

-- Work comes after what happened: behind the police's record, before the authority's.
lags as (
    select
        alone.agreement_id,
        case alone.status
            when 'police_only'
                then hours_between(alone.start_at, matched.authority_start_lower_at)
            else hours_between(matched.police_start_lower_at, alone.start_at)
        end as lag_hours,
    from alone
    inner join matched on alone.child_id_register = matched.child_id_register
),

final as (
    select
        lags.agreement_id,
        min(lags.lag_hours) as lag_hours,
    from lags
    cross join thresholds
    where lags.lag_hours >= 0 and lags.lag_hours <= thresholds.counterpart_hours
    group by lags.agreement_id
)

select * from final
