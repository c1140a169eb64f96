-- Fails if a staging model drops or duplicates a landed row of a current delivery.
{%- set models = staged_feed_tables() %}
with

deliveries as (
    select * from {{ ref('stg_ledger__deliveries') }}
    where is_current
),

landed_files as (
    select * from {{ ref('stg_ledger__landed_files') }}
),

staged as (
    {% for model in models %}
        select
            '{{ model.split("__")[1] }}' as table_name,
            _delivery_id as delivery_id,
            count(*) as row_count,
        from {{ ref(model) }}
        group by _delivery_id
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

expected as (
    select
        deliveries.delivery_id,
        landed_files.table_name,
        landed_files.row_count,
    from deliveries
    inner join landed_files on deliveries.delivery_id = landed_files.delivery_id
    where landed_files.table_name not in ('quarantine', 'flags')
)

select
    coalesce(expected.delivery_id, staged.delivery_id) as delivery_id,
    coalesce(expected.table_name, staged.table_name) as table_name,
    expected.row_count as landed_row_count,
    staged.row_count as staged_row_count,
from expected
full outer join staged
    on
        expected.delivery_id = staged.delivery_id
        and expected.table_name = staged.table_name
where coalesce(expected.row_count, 0) != coalesce(staged.row_count, 0)
