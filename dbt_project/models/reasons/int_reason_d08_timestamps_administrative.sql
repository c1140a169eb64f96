-- The authority's case system records when work was done, not when events happened, so
-- its times are later than the police's. See int_case_system_timestamp_profiles.
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
    {{ reason_thresholds(ref('ref__reason_thresholds'), ['counterpart_hours']) }}
),

expected_records as (
    select expected_records.*
    from {{ ref('int_expected_records') }} as expected_records
    inner join systems
        on expected_records.authority_code_dfe = systems.supplier_code
),

matched_starts as (
    select * from agreement_rows
    where status = 'both' and start_difference_hours < 0
),

-- Work is recorded after the event, so an authority's time is compared only with a
-- police time before it.
lags as (
    select
        expected_records.agreement_id,
        expected_records.expected_source,
        expected_records.is_missed,
        case expected_records.expected_source
            when 'authority'
                then {{ function('hours_between') }}(
                    expected_records.recorded_start_at,
                    matched_starts.authority_start_lower_at
                )
            else {{ function('hours_between') }}(
                matched_starts.police_start_lower_at, expected_records.recorded_start_at
            )
        end as lag_hours,
    from expected_records
    inner join matched_starts
        on
            expected_records.child_id_register = matched_starts.child_id_register
            and expected_records.agreement_id != matched_starts.agreement_id
),

-- Signs that records were matched one absence too late: near this absence is a matched
-- absence of the child whose authority time is before its police time. Work is not
-- recorded in advance, so the authority's record belongs to an earlier absence.
late_entry_matches as (
    select
        lags.agreement_id,
        lags.expected_source,
        lags.is_missed,
        min(lags.lag_hours) as lag_hours,
    from lags
    cross join thresholds
    where lags.lag_hours >= 0 and lags.lag_hours <= thresholds.counterpart_hours
    group by lags.agreement_id, lags.expected_source, lags.is_missed
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
        cast(null as varchar) as expected_source,
        true as is_missed,
    from disagreements
    where
        disagreements.is_time_different
        and not disagreements.authority_is_dated_only
),

-- Suppliers with a known delay are left out, because two records that stay unmatched at
-- that delay are rarely records of one absence.
apart as (
    select
        'strong' as strength,
        disagreements.agreement_id,
        counterparts.authority_supplier_code,
        counterparts.start_lag_hours as lag_hours,
        cast(null as varchar) as expected_source,
        true as is_missed,
    from disagreements
    inner join counterparts
        on disagreements.agreement_id = counterparts.agreement_id
    inner join systems
        on counterparts.authority_supplier_code = systems.supplier_code
    where systems.delay_hours is null
),

beside as (
    select
        'weak' as strength,
        expected_records.agreement_id,
        expected_records.authority_code_dfe as authority_supplier_code,
        late_entry_matches.lag_hours,
        expected_records.expected_source,
        expected_records.is_missed,
    from expected_records
    inner join late_entry_matches
        on
            expected_records.agreement_id = late_entry_matches.agreement_id
            and expected_records.expected_source = late_entry_matches.expected_source
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
        || {{ number_text('every_one.lag_hours') }}
        || ' h later; '
        || coalesce(
            'half of its entries '
            || {{ number_text('systems.typical_delay_hours') }}
            || ' h or more after the police',
            cast(cast(round(100 * systems.office_share, 0) as integer) as varchar)
            || ' % of starts in office hours',
            ''
        ) as evidence,
        every_one.expected_source,
        every_one.is_missed,
    from every_one
    inner join systems
        on every_one.authority_supplier_code = systems.supplier_code
    where every_one.lag_hours > 0 or every_one.strength = 'weak'
)

select * from final
