{{ config(materialized='ephemeral') }}

{%- do source('decisions', 'recording_changes') -%}

with

changes as (
    select
        *,
        row_number() over () as _row_number,
    from {{ read_decisions(
        'recording_changes.csv',
        [
            'recorded_at', 'recorded_by', 'decision', 'supplier_code', 'changed_from',
            'category_code', 'change_code', 'left_out', 'under_hours', 'announced_by',
            'reason',
        ]
    ) }}
),

final as (
    select
        cast(recorded_at as timestamp) as recorded_at,
        recorded_by,
        decision,
        supplier_code,
        cast(changed_from as date) as changed_from_date,
        category_code,
        change_code,
        left_out,
        cast(under_hours as double) as under_hours,
        announced_by,
        reason,
        _row_number,
    from changes
    where
        cast(recorded_at as timestamp)
        <= cast('{{ var("as_known_at") }}' as timestamp)
)

select * from final
