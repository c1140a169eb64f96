{%- do source('decisions', 'links') -%}

with

decisions as (
    select
        *,
        row_number() over () as _row_number,
    from {{ read_decisions(
        'links.csv',
        [
            'decided_at', 'decided_by', 'decision', 'left_mention_key',
            'right_mention_key', 'reason', 'expires_on', 'reason_code',
        ]
    ) }}
),

final as (
    select
        cast(decided_at as timestamp) as decided_at,
        decided_by,
        decision,
        left_mention_key,
        right_mention_key,
        reason,
        coalesce(reason_code, 'other') as reason_code,
        cast(expires_on as date) as expires_on_date,
        _row_number,
    from decisions
    where
        cast(decided_at as timestamp)
        <= cast('{{ var("as_known_at") }}' as timestamp)
)

select * from final
