with

headers as (
    select * from {{ ref('stg_authority_return__header') }}
),

final as (
    select
        supplier_code,
        period,
        upper(child) as child,
        {{ readable_date('dob_date') }} as dob_date,
        _delivery_id,
        _file,
        _row_number
    from headers
)

select * from final
