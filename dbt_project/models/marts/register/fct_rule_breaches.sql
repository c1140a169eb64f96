-- Breaches in current deliveries. Codes are checked against the current code maps, not
-- against the maps of the day of arrival. So a code that has been mapped since then is
-- no breach.
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
    select
        'absence_' || episode_exclusion_reason as rule_code,
        supplier_code,
        feed,
        _delivery_id,
        case feed
            when 'police_reports' then 'reports'
            when 'authority_extract' then 'ssd_missing'
            else 'missing'
        end as table_name,
        _file,
        _row_number,
        case feed
            when 'police_reports'
                then
                    case
                        when last_seen_at is null then 'reported_at'
                        else 'last_seen_at'
                    end
            when 'authority_extract' then 'miss_missing_episode_start_date'
            else 'mis_start'
        end as column_name,
    from {{ ref('int_report_intervals') }}
    where
        episode_exclusion_reason in (
            {% for reason in impossible_reasons() %}
                '{{ reason }}'{{ ',' if not loop.last }}
            {% endfor %}
        )
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
