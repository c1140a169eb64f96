-- An absence without an interview has a row too, because interviews that were not
-- offered must be counted. An interview about several absences has a row for each
-- absence. An interview about an absence that was never delivered has a row without a
-- report.
with

absences as (
    select * from {{ ref('int_extract_absences') }}
),

keys as (
    select * from {{ ref('int_source_keys') }}
),

numbered as (
    {{ numbered_records(
        ref('stg_authority_extract__return_interviews'), ref('int_report_numbers'),
        'interview_id', 'interview_number'
    ) }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by supplier_code, interview_number
            order by _delivery_id desc, _file desc, _row_number desc
        ) as version_rank,
    from numbered
    where interview_id is not null
),

interviews as (
    select * from ranked
    where version_rank = 1
),

covered as (
    select distinct
        supplier_code,
        interview_number,
        {{ split_parts("coalesce(miss_table_ids, '')") }} as miss_table_id,
    from interviews
),

paired as (
    select
        coalesce(absences.supplier_code, covered.supplier_code) as supplier_code,
        covered.interview_number,
        absences.report_key,
        absences.mention_key,
        absences.interview_offered_code,
        absences.interview_accepted_code,
        absences.missing_end_at,
        absences.missing_end_precision,
        absences._delivery_id,
    from absences
    full outer join covered
        on
            absences.supplier_code = covered.supplier_code
            and absences.miss_table_id = covered.miss_table_id
),

final as (
    select
        {{ surrogate_key([
            'interview_keys.source_key', 'paired.report_key', 'paired.supplier_code'
        ]) }} as return_interview_id,
        interview_keys.source_key as interview_key,
        paired.report_key,
        paired.mention_key,
        paired.supplier_code,
        coalesce(paired._delivery_id, interviews._delivery_id) as _delivery_id,
        coalesce(paired.interview_offered_code, 'unknown') as interview_offered_code,
        coalesce(paired.interview_accepted_code, 'unknown') as interview_accepted_code,
        interviews.offered_at,
        interviews.offered_precision,
        coalesce(interviews.accepted_code, 'unknown') as accepted_code,
        interviews.held_at,
        interviews.held_precision,
        coalesce(interviews.independent_code, 'unknown') as independent_code,
        paired.missing_end_at as returned_at,
        paired.missing_end_precision as returned_precision,
    from paired
    left join interviews
        on
            paired.supplier_code = interviews.supplier_code
            and paired.interview_number = interviews.interview_number
    left join keys as interview_keys
        on
            interview_keys.kind = 'interview'
            and interviews.supplier_code = interview_keys.issuer
            and interviews.interview_number = interview_keys.source_id
)

select * from final
