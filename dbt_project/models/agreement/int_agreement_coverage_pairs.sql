-- Absences of looked-after children for which both sources have delivered data. `held`
-- is 1 if both sources recorded the absence. It is also 1 if the other source has an
-- unmatched record that may be of the same absence. So late entries and missed links do
-- not count as omissions.
with

agreement_rows as (
    select * from {{ ref('int_agreement_rows') }}
    where
        care_status_code = 'looked_after'
        and is_police_covered
        and is_authority_covered
),

counterparts as (
    select * from {{ ref('int_unmatched_candidates') }}
),

coincidences as (
    select * from {{ ref('int_coincident_episodes') }}
),

systems as (
    select * from {{ ref('int_case_system_timestamp_profiles') }}
),

final as (
    select
        agreement_rows.agreement_id,
        agreement_rows.status,
        agreement_rows.authority_code_dfe,
        agreement_rows.police_force_code,
        {{ month_of('agreement_rows.start_date') }} as start_month,
        coalesce(
            agreement_rows.category_police_code, agreement_rows.category_authority_code
        ) as category_code,
        case
            when
                agreement_rows.status = 'both'
                or counterparts.agreement_id is not null
                or coincidences.agreement_id is not null
                then 1
            else 0
        end as held,
        -- Hours by the police record, or else by the authority record. An authority's
        -- times are not used if they show when staff worked on the case; its dates are.
        coalesce(
            {{ function('hours_between') }}(
                agreement_rows.police_start_lower_at, agreement_rows.police_end_lower_at
            ),
            case
                when
                    agreement_rows.authority_is_dated_only
                    or not coalesce(systems.is_administrative, false)
                    then {{ function('hours_between') }}(
                        agreement_rows.authority_start_lower_at,
                        agreement_rows.authority_end_lower_at
                    )
            end
        ) as hours,
    from agreement_rows
    left join counterparts
        on agreement_rows.agreement_id = counterparts.agreement_id
    left join coincidences
        on agreement_rows.agreement_id = coincidences.agreement_id
    left join systems
        on agreement_rows.authority_code_dfe = systems.supplier_code
)

select * from final
