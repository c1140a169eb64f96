-- Absences that the authority alone seems to have recorded, although the police have a
-- record of them that was not matched. Either only the times of the two records differ
-- (`timing`). Or the absence overlaps a matched absence for which there are more police
-- reports than authority absences (`unit`).
with

counterparts as (
    select * from {{ ref('int_unmatched_candidates') }}
),

agreement_rows as (
    select * from {{ ref('int_agreement_rows') }}
),

report_episodes as (
    select * from {{ ref('int_report_episodes') }}
),

authority_only_rows as (
    select * from {{ ref('int_agreement_rows') }}
    where status = 'authority_only'
),

facts as (
    select
        agreement_id,
        reason_code,
        row_number() over (
            partition by agreement_id
            order by precedence, reason_code
        ) as fact_rank,
    from {{ ref('int_reason_signs') }}
    where expected_record_id is null
),

reasons as (
    select * from facts
    where fact_rank = 1 and reason_code in ('D7', 'D8')
),

-- Two unmatched records of one child that only their times keep apart: each is the
-- other's counterpart, and both have reason D7 or D8 as a fact of the row.
-- `agreement_id` is the key of the authority's record.
timing_pairs as (
    select
        counterparts.agreement_id,
        counterparts.counterpart_agreement_id,
    from counterparts
    inner join authority_only_rows
        on counterparts.agreement_id = authority_only_rows.agreement_id
    inner join reasons as own on counterparts.agreement_id = own.agreement_id
    inner join reasons as other
        on counterparts.counterpart_agreement_id = other.agreement_id
),

merged as (
    select * from {{ ref('int_source_absences') }}
    where source = 'authority'
),

authority_absences as (
    select
        report_episodes.episode_id_register,
        count(distinct merged.source_absence_key) as authority_absence_count,
    from merged
    inner join report_episodes on merged.report_key = report_episodes.report_key
    group by report_episodes.episode_id_register
),

spare as (
    select
        agreement_rows.agreement_id,
        agreement_rows.child_id_register,
        agreement_rows.police_start_lower_at as starts_at,
        coalesce(
            agreement_rows.police_end_upper_at,
            agreement_rows.police_start_upper_at
        ) as meets_until_at,
        agreement_rows.police_report_count - authority_absences.authority_absence_count
            as spare_count,
    from agreement_rows
    inner join authority_absences
        on agreement_rows.episode_id_register = authority_absences.episode_id_register
    where
        agreement_rows.status = 'both'
        and agreement_rows.police_report_count
        > authority_absences.authority_absence_count
),

alone as (
    select
        agreement_rows.agreement_id,
        agreement_rows.child_id_register,
        agreement_rows.authority_start_lower_at as starts_at,
        coalesce(
            agreement_rows.authority_end_upper_at,
            agreement_rows.authority_start_upper_at
        ) as meets_until_at,
    from agreement_rows
    left join timing_pairs on agreement_rows.agreement_id = timing_pairs.agreement_id
    where
        agreement_rows.status = 'authority_only'
        and timing_pairs.agreement_id is null
),

ranked as (
    select
        alone.agreement_id,
        spare.agreement_id as holding_agreement_id,
        spare.spare_count,
        row_number() over (
            partition by alone.agreement_id
            order by spare.starts_at, spare.agreement_id
        ) as holder_rank,
        row_number() over (
            partition by spare.agreement_id order by alone.starts_at, alone.agreement_id
        ) as held_rank,
    from alone
    inner join spare
        on
            alone.child_id_register = spare.child_id_register
            and alone.starts_at <= spare.meets_until_at
            and alone.meets_until_at >= spare.starts_at
),

unit_pairs as (
    select
        agreement_id,
        holding_agreement_id,
    from ranked
    where holder_rank = 1 and held_rank <= spare_count
),

final as (
    select
        agreement_id,
        'timing' as cause_code,
        counterpart_agreement_id as matched_agreement_id,
    from timing_pairs
    union all
    select
        agreement_id,
        'unit' as cause_code,
        holding_agreement_id as matched_agreement_id,
    from unit_pairs
)

select * from final
