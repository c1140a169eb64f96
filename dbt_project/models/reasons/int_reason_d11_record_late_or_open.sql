-- Both sources recorded the absence, but one gives no end. Or the row is a report
-- without a usable start. Or the absence is so recent that the authority may not have
-- entered it yet; equally recent absences that both recorded are included for
-- comparison.
with

disagreements as (
    select * from {{ ref('int_disagreements') }}
),

spans as (
    select
        supplier_code,
        max(covered_to_date) as covered_to_date,
    from {{ ref('int_supplier_coverage') }}
    group by supplier_code
),

expected_records as (
    select * from {{ ref('int_expected_records') }}
    where expected_source = 'authority'
),

thresholds as (
    {{ reason_thresholds(ref('ref__reason_thresholds'), ['recent_days']) }}
),

unfinished as (
    select
        agreement_id,
        'strong' as strength,
        case
            when report_id_register is not null then 'no usable start'
            when
                end_agreement_code
                in ('police_missing', 'authority_missing')
                and status = 'both'
                then 'one source gives no end'
        end as evidence,
        cast(null as varchar) as expected_source,
        true as is_missed,
    from disagreements
),

recent as (
    select
        expected_records.agreement_id,
        'weak' as strength,
        cast(
            {{ elapsed_days(
                'expected_records.start_date', 'spans.covered_to_date'
            ) }} as varchar
        )
        || ' days before the last day that the authority''s data cover' as evidence,
        expected_records.expected_source,
        expected_records.is_missed,
    from expected_records
    cross join thresholds
    inner join spans on expected_records.authority_code_dfe = spans.supplier_code
    where
        {{ elapsed_days('expected_records.start_date', 'spans.covered_to_date') }}
        <= thresholds.recent_days
),

every_one as (
    select * from unfinished
    where evidence is not null
    union all
    select * from recent
),

final as (
    select
        agreement_id,
        'D11' as reason_code,
        strength,
        evidence,
        expected_source,
        is_missed,
    from every_one
)

select * from final
