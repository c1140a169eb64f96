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
        landed.miss_table_id,
        landed.miss_person_id,
        {{ moment_columns('landed.miss_missing_episode_start_date', 'missing_start') }},
        {{ code_columns(
            'category', 'landed.miss_missing_episode_type', missing='unmapped'
        ) }},
        {{ moment_columns('landed.miss_missing_episode_end_date', 'missing_end') }},
        {{ code_columns('interview_offered', 'landed.miss_missing_rhi_offered') }},
        {{ code_columns('interview_accepted', 'landed.miss_missing_rhi_accepted') }},
        landed._delivery_id,
        landed._file,
        landed._row_number,
    from landed
    inner join deliveries on landed._delivery_id = deliveries.delivery_id
    {{ join_authority_code(
        'category', 'missing_type', 'landed.miss_missing_episode_type'
    ) }}
    {{ join_authority_code(
        'interview_offered', 'rhi_offered', 'landed.miss_missing_rhi_offered'
    ) }}
    {{ join_authority_code(
        'interview_accepted', 'rhi_accepted', 'landed.miss_missing_rhi_accepted'
    ) }}
)

select * from final
