{%- do source('decisions', 'deliveries') -%}

with

decisions as (
    select
        *,
        row_number() over () as _row_number,
    from {{ read_decisions(
        'deliveries.csv',
        ['decided_at', 'decided_by', 'delivery_id', 'decision', 'reason']
    ) }}
),

final as (
    select
        cast(decided_at as timestamp) as decided_at,
        decided_by,
        delivery_id,
        decision,
        reason,
        _row_number,
    from decisions
    where
        cast(decided_at as timestamp)
        <= cast('{{ var("as_known_at") }}' as timestamp)
)

select * from final
