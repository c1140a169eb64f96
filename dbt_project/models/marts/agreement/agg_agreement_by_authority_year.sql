with

cells as (
    select * from {{ ref('agg_agreement_by_authority_force_month') }}
),

counted as (
    select
        authority_code_dfe,
        collection_year,
        care_status_code,
        {{ agreement_count_sums() }},
    from cells
    group by authority_code_dfe, collection_year, care_status_code
),

measured as (
    select
        *,
        {{ agreement_measures() }},
    from counted
),

shrunk as (
    {{ agreement_shrinkage('measured', ['collection_year', 'care_status_code']) }}
),

final as (
    select
        {{ joined_key(['authority_code_dfe', 'collection_year', 'care_status_code']) }}
            as agreement_cell_id,
        *,
    from shrunk
)

select * from final
