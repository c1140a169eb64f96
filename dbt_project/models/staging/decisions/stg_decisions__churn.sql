{{ config(materialized='ephemeral') }}

{%- do source('decisions', 'churn') -%}

with

decisions as (
    select
        *,
        row_number() over () as _row_number,
    from {{ read_decisions(
        'churn.csv', ['decided_at', 'decided_by', 'generation_id', 'reason']
    ) }}
),

final as (
    select
        cast(decided_at as timestamp) as decided_at,
        decided_by,
        generation_id,
        reason,
        _row_number,
    from decisions
    where
        cast(decided_at as timestamp)
        <= cast('{{ var("as_known_at") }}' as timestamp)
)

select * from final
