with

missing_rows as (
    select * from {{ ref('stg_authority_return__missing') }}
),

flags as (
    select * from {{ ref('stg_ledger__flags') }}
),

unreadable_dates as (
    select
        _delivery_id,
        _file,
        _row_number,
        max(case when column_name = 'mis_start' then 1 else 0 end)
            as start_unreadable_count,
        max(case when column_name = 'mis_end' then 1 else 0 end)
            as end_unreadable_count
    from flags
    where table_name = 'missing' and rule_code = 'impossible_date'
    group by _delivery_id, _file, _row_number
),

final as (
    select
        missing_rows.supplier_code,
        missing_rows.period,
        {{ collection_year('missing_rows.period') }} as collection_year,
        {{ collection_start_date('missing_rows.period') }} as collection_start_date,
        {{ collection_end_date('missing_rows.period') }} as collection_end_date,
        upper(missing_rows.child) as child,
        missing_rows.dob_date,
        upper(missing_rows.missing_source_code) as missing_source_code,
        missing_rows.mis_start_date,
        missing_rows.mis_end_date,
        missing_rows.mis_start_date is not null
        or coalesce(unreadable_dates.start_unreadable_count, 0) = 1 as is_start_given,
        missing_rows.mis_end_date is not null
        or coalesce(unreadable_dates.end_unreadable_count, 0) = 1 as is_end_given,
        missing_rows._delivery_id,
        missing_rows._file,
        missing_rows._row_number
    from missing_rows
    left join unreadable_dates
        on
            missing_rows._delivery_id = unreadable_dates._delivery_id
            and missing_rows._file = unreadable_dates._file
            and missing_rows._row_number = unreadable_dates._row_number
)

select * from final
