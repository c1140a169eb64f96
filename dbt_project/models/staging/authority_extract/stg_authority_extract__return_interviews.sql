with

landed as (
    select *
    from {{ landed() }}
),

deliveries as (
    select * from {{ ref('stg_ledger__deliveries') }}
    where is_current
),

code_map as (
    select * from {{ ref('map__authority_codes') }}
),

final as (
    select
        deliveries.supplier_code,
        deliveries.period,
        deliveries.received_at,
        landed.interview_id,
        landed.miss_table_id as miss_table_ids,
        {{ moment_columns('landed.offered_at', 'offered') }},
        {{ code_columns('accepted', 'landed.accepted') }},
        {{ moment_columns('landed.held_at', 'held') }},
        {{ code_columns('independent', 'landed.is_independent') }},
        landed._delivery_id,
        landed._file,
        landed._row_number,
    from landed
    inner join deliveries on landed._delivery_id = deliveries.delivery_id
    {{ join_authority_code('accepted', 'interview_accepted', 'landed.accepted') }}
    {{ join_authority_code('independent', 'is_independent', 'landed.is_independent') }}
)

select * from final
