-- What really lay behind each disagreement of a simulated home. An absence that the
-- other source lacks has the cause of that omission; one that both hold, every
-- difference. To take one child for two, or two for one, is a cause (D13), and a month
-- of the source that lacks it which is not in the register is one too (D18).
with

disagreements as (
    select * from {{ ref('int_disagreements_gathered') }}
),

reports as (
    select * from {{ ref('int_report_truths_known') }}
),

absences as (
    select * from {{ ref('stg_truth__absences') }}
),

held as (
    select * from {{ ref('int_absence_holders_true') }}
),

carers as (
    select * from {{ ref('int_child_carers_true') }}
),

reasons as (
    select * from {{ ref('ref__reasons') }}
),

undelivered as (
    select * from {{ ref('int_periods_undelivered_true') }}
),

told as (
    select distinct
        disagreements.agreement_id,
        disagreements.status,
        case disagreements.status
            when 'police_only' then 'authority'
            when 'authority_only' then 'police'
        end as lacking_source,
        disagreements.child_id_register,
        reports.absence_id_truth,
        reports.person_id_truth,
        min(reports.person_id_truth) over (partition by disagreements.agreement_id)
        != max(reports.person_id_truth) over (partition by disagreements.agreement_id)
            as is_of_several,
    from disagreements
    inner join reports on disagreements.agreement_id = reports.agreement_id
),

judged as (
    select
        told.agreement_id,
        absences.cause_code,
        case
            when told.status = 'both'
                then
                    coalesce(absences.difference_cause_codes, '')
                    || '|'
                    || coalesce(absences.police_cause_code, '')
                    || '|'
                    || coalesce(absences.authority_cause_code, '')
            when held.absence_id_truth is null
                then coalesce(
                    case told.status
                        when 'police_only' then absences.authority_cause_code
                        else absences.police_cause_code
                    end,
                    absences.difference_cause_codes
                )
            when told.child_id_register not in (held.first_child_id, held.last_child_id)
                then 'D13'
            else absences.difference_cause_codes
        end
        || case
            when told.is_of_several then '|D13'
            when
                told.status = 'police_only'
                and absences.is_in_care
                and told.child_id_register
                not in (carers.first_child_id, carers.last_child_id)
                then '|D13'
            else ''
        end
        || case when undelivered.supplier_code is not null then '|D18' else '' end
            as cause_codes,
    from told
    inner join absences on told.absence_id_truth = absences.absence_id_truth
    left join held
        on
            told.absence_id_truth = held.absence_id_truth
            and told.lacking_source = held.source
    left join carers on told.person_id_truth = carers.person_id_truth
    left join undelivered
        on
            told.lacking_source = undelivered.source
            and {{ month_of('absences.start_date') }} = undelivered.start_month
            and undelivered.supplier_code = case told.lacking_source
                when 'police' then absences.police_force_code
                else absences.authority_code_dfe
            end
),

final as (
    select
        judged.agreement_id,
        reasons.reason_code,
        max(case when reasons.reason_code = judged.cause_code then 1 else 0 end) = 1
            as is_primary,
    from judged
    inner join reasons
        on
            '|' || judged.cause_codes || '|'
            like '%|' || reasons.reason_code || '|%'
    group by judged.agreement_id, reasons.reason_code
)

select * from final
