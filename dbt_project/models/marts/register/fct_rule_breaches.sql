-- Of the deliveries that are current. Codes are judged by today's code maps, not by
-- those of the day of landing: a code that has been mapped since is no breach any
-- more.
with

flags as (
    select * from {{ ref('stg_ledger__flags') }}
    where rule_code != 'unmapped_code'
),

quarantine as (
    select * from {{ ref('stg_ledger__quarantine') }}
),

unmapped_codes as (
    select * from {{ ref('int_unmapped_codes') }}
),

return_breaches as (
    select * from {{ ref('int_return_rule_breaches') }}
),

shared_references as (
    select * from {{ ref('int_report_numbers') }}
),

impossible_reports as (
    {{ impossible_report_breaches() }}
),

breaches as (
    select
        rule_code,
        supplier_code,
        feed,
        _delivery_id,
        table_name,
        _file,
        _row_number,
        column_name,
    from flags
    union distinct
    select
        rule_code,
        supplier_code,
        feed,
        _delivery_id,
        table_name,
        _file,
        _row_number,
        column_name,
    from quarantine
    union distinct
    select
        'unmapped_code' as rule_code,
        supplier_code,
        feed,
        _delivery_id,
        table_name,
        _file,
        _row_number,
        column_name,
    from unmapped_codes
    union distinct
    select
        rule_code,
        supplier_code,
        'authority_return' as feed,
        _delivery_id,
        table_name,
        _file,
        _row_number,
        column_name,
    from return_breaches
    union distinct
    select
        rule_code,
        supplier_code,
        feed,
        _delivery_id,
        table_name,
        _file,
        _row_number,
        column_name,
    from impossible_reports
    union distinct
    select
        rule_code,
        supplier_code,
        feed,
        _delivery_id,
        table_name,
        _file,
        _row_number,
        column_name,
    from shared_references
),

final as (
    select
        {{ surrogate_key([
            'rule_code', '_delivery_id', 'table_name', '_file', '_row_number',
            'column_name',
        ]) }} as rule_breach_id,
        rule_code,
        _delivery_id as delivery_id,
        supplier_code,
        feed,
        table_name,
        _file as file_name,
        _row_number as row_number,
        column_name,
    from breaches
)

select * from final
