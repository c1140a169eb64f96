with

breaches as (
    select distinct
        supplier_code,
        period,
        _delivery_id,
        _file,
        _row_number,
    from {{ ref('int_return_rule_breaches_found') }}
    where table_name = 'missing'
),

final as (
    select
        supplier_code as authority_code_dfe,
        period as collection_year,
        count(*) as flagged_row_count,
    from breaches
    group by supplier_code, period
)

select * from final
