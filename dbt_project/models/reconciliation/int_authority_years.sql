-- Whether an authority existed in a year with published figures, how far its deliveries
-- cover the year, and whether it delivered its return.
with

years as (
    {{ collection_years(ref('int_days')) }}
),

published as (
    select collection_year from {{ ref('int_published_figures') }}
    union distinct
    select collection_year from {{ ref('int_published_characteristics') }}
),

authorities as (
    select * from {{ ref('int_authority_periods') }}
),

spans as (
    select * from {{ ref('int_supplier_coverage') }}
    where source = 'authority'
),

codes as (
    select distinct authority_code_dfe
    from authorities
),

authority_years as (
    select
        codes.authority_code_dfe,
        years.collection_year,
        years.first_day,
        years.last_day,
    from codes
    cross join years
    inner join published on years.collection_year = published.collection_year
),

in_being as (
    select distinct
        authority_years.authority_code_dfe,
        authority_years.collection_year,
    from authority_years
    inner join authorities
        on
            authority_years.authority_code_dfe = authorities.authority_code_dfe
            and authority_years.last_day >= authorities.valid_from
            and authority_years.first_day
            <= coalesce(authorities.valid_to, cast('9999-12-31' as date))
),

covered as (
    select
        authority_years.authority_code_dfe,
        authority_years.collection_year,
        max(
            case
                when
                    authority_years.first_day >= spans.covered_from_date
                    and authority_years.last_day <= spans.covered_to_date
                    then 2
                else 1
            end
        ) as coverage_rank,
        max(case when spans.feed = 'authority_return' then 1 else 0 end) as return_rank,
    from authority_years
    inner join spans
        on
            authority_years.authority_code_dfe = spans.supplier_code
            and authority_years.first_day <= spans.covered_to_date
            and authority_years.last_day >= spans.covered_from_date
    group by authority_years.authority_code_dfe, authority_years.collection_year
),

final as (
    select
        authority_years.authority_code_dfe,
        authority_years.collection_year,
        in_being.authority_code_dfe is not null as is_in_being,
        case coalesce(covered.coverage_rank, 0)
            when 2 then 'full'
            when 1 then 'part'
            else 'none'
        end as coverage_code,
        coalesce(covered.return_rank, 0) = 1 as is_return_delivered,
    from authority_years
    left join in_being
        on
            authority_years.authority_code_dfe = in_being.authority_code_dfe
            and authority_years.collection_year = in_being.collection_year
    left join covered
        on
            authority_years.authority_code_dfe = covered.authority_code_dfe
            and authority_years.collection_year = covered.collection_year
)

select * from final
