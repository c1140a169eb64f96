-- Absences that the authority alone seems to hold, and the police hold inside another:
-- it meets an absence of both for which the police sent more reports than the authority
-- has absences. What the register reads as one absence of the police is several here.
with

agreement_rows as (
    select * from {{ ref('int_agreement_rows_gathered') }}
),

merged as (
    select * from {{ ref('int_source_absences_merged') }}
    where source = 'authority'
),

report_episodes as (
    select * from {{ ref('int_report_episodes') }}
),

timing_pairs as (
    select * from {{ ref('int_timing_pairs_found') }}
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

final as (
    select
        agreement_id,
        holding_agreement_id,
    from ranked
    where holder_rank = 1 and held_rank <= spare_count
)

select * from final
