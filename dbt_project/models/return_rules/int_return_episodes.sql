with

episodes as (
    select * from {{ ref('stg_authority_return__episodes') }}
),

final as (
    select
        supplier_code,
        period,
        upper(child) as child,
        decom_date,
        dec_date,
        upper(rec) as rec,
        _delivery_id,
        _file,
        _row_number
    from episodes
)

select * from final
