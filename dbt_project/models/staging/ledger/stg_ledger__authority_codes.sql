-- A layout uses the codes of its feed. A code of its own replaces the feed's code.
with

deliveries as (
    select * from {{ ref('stg_ledger__deliveries') }}
    where is_current
),

codes as (
    select * from {{ ref('map__authority_codes') }}
),

layouts as (
    select distinct
        feed,
        layout_name,
    from deliveries
),

ranked as (
    select
        layouts.layout_name,
        codes.field_name,
        codes.source_code,
        codes.conformed_code,
        row_number() over (
            partition by layouts.layout_name, codes.field_name, codes.source_code
            order by
                case when codes.used_by = layouts.layout_name then 1 else 2 end,
                codes.used_by
        ) as code_rank,
    from layouts
    inner join codes on codes.used_by in (layouts.feed, layouts.layout_name)
),

final as (
    select
        layout_name,
        field_name,
        source_code,
        conformed_code,
    from ranked
    where code_rank = 1
)

select * from final
