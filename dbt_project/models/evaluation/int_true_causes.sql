-- The true causes of each disagreement in a simulated home. If only one source recorded
-- the absence, the cause is why the other source omitted it. If both recorded it, every
-- difference has a cause. Two causes come from the register: wrongly linked or
-- separated records (D13), and a month that the other source did not deliver (D18).
with

mentions as (
    select * from {{ ref('int_true_mentions') }}
),

absences as (
    select * from {{ ref('stg_truth__absences') }}
),

disagreements as (
    select * from {{ ref('int_disagreements') }}
),

reports as (
    select * from {{ ref('int_true_reports') }}
),

held as (
    select * from {{ ref('int_true_absence_sources') }}
),

reasons as (
    select * from {{ ref('ref__reasons') }}
),

crosswalk as (
    select * from {{ ref('int_child_crosswalk') }}
    where source = 'authority'
),

-- The true children in authority records, with the lowest and highest register key of
-- each child. The two keys differ if the register split the child.
carers as (
    select
        mentions.person_id_truth,
        min(crosswalk.child_id_register) as first_child_id,
        max(crosswalk.child_id_register) as last_child_id,
    from crosswalk
    inner join mentions on crosswalk.mention_key = mentions.mention_key
    group by mentions.person_id_truth
),

records as (
    select * from {{ ref('stg_truth__records') }}
    where feed = 'police_reports' and not is_only_resubmitted
),

keys as (
    select * from {{ ref('int_source_keys') }}
    where kind = 'report'
),

never_made as (
    select
        'police' as source,
        police_force_code as supplier_code,
        {{ month_of('start_date') }} as start_month,
    from absences
    where police_cause_code = 'D18'
    union distinct
    select
        'authority' as source,
        authority_code_dfe as supplier_code,
        {{ month_of('start_date') }} as start_month,
    from absences
    where authority_cause_code = 'D18'
),

kept_out as (
    select
        'police' as source,
        records.supplier_code,
        {{ month_of('absences.start_date') }} as start_month,
    from records
    inner join absences on records.absence_id_truth = absences.absence_id_truth
    left join keys
        on
            keys.issuer = 'police_reports:' || records.supplier_code
            and records.source_id = keys.source_id
    group by records.supplier_code, {{ month_of('absences.start_date') }}
    having count(keys.source_key) = 0
),

-- Months for which the register has no data from a supplier. The delivery was never
-- made, awaits a person's decision, or was refused.
undelivered as (
    select * from never_made
    union distinct
    select * from kept_out
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
