with

headers as (
    select * from {{ ref('stg_authority_return__header') }}
),

final as (
    select
        supplier_code,
        period,
        upper(child) as child,
        dob_date,
        _delivery_id,
        _file,
        _row_number
    from headers
)

select * from final
