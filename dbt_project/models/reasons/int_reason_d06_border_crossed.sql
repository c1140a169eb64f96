-- Several forces reported what one authority recorded once; or the force is not that of
-- the authority.
with

disagreements as (
    select * from {{ ref('int_disagreements') }}
),

authorities as (
    select * from {{ ref('int_authority_periods') }}
),

forced as (
    select
        disagreements.*,
        authorities.police_force_code as own_force_code,
        disagreements.status = 'both' and disagreements.police_supplier_count > 1
            as is_reported_twice,
    from disagreements
    left join authorities
        on
            disagreements.authority_code_dfe = authorities.authority_code_dfe
            and disagreements.start_date >= authorities.valid_from
            and disagreements.start_date
            <= coalesce(authorities.valid_to, cast('9999-12-31' as date))
),

final as (
    select
        agreement_id,
        'D6' as reason_code,
        case when is_reported_twice then 'strong' else 'weak' end as strength,
        case
            when is_reported_twice
                then cast(police_supplier_count as varchar) || ' forces reported it'
            else
                'force '
                || police_force_code
                || ', the authority''s '
                || own_force_code
        end as evidence,
    from forced
    where
        is_reported_twice
        or (
            (is_missed_by_authority or is_missed_by_police)
            and police_force_code != own_force_code
            and police_force_code != 'unknown'
        )
)

select * from final
