-- Of what one source alone holds, what the other could have held and does not.
with

disagreements as (
    select * from {{ ref('int_disagreements_gathered') }}
),

holdings as (
    select * from {{ ref('int_agreement_holdings_judged') }}
),

final as (
    select
        disagreements.agreement_id,
        disagreements.start_date,
        disagreements.category_police_code,
        holdings.category_code as category_held_code,
        holdings.hours,
        holdings.start_month,
        case
            when disagreements.is_missed_by_authority then 'authority'
            else 'police'
        end as source,
        case
            when disagreements.is_missed_by_authority
                then disagreements.authority_code_dfe
            else disagreements.police_force_code
        end as supplier_code,
    from disagreements
    inner join holdings on disagreements.agreement_id = holdings.agreement_id
    where disagreements.is_missed_by_authority or disagreements.is_missed_by_police
)

select * from final
