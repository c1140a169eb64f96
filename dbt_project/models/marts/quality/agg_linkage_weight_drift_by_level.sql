with

levels as (
    select * from {{ ref('int_weight_drift') }}
),

shared as (
    select
        *,
        weight_home - weight_model as drift,
        match_count / nullif(
            sum(match_count) over (partition by comparison_code), 0
        ) as match_share,
    from levels
),

final as (
    select
        {{ surrogate_key(['comparison_code', 'level_code']) }}
            as linkage_level_id,
        model_version,
        comparison_code,
        level_code,
        level_place,
        is_fixed,
        match_count,
        match_share,
        m_model,
        m_home,
        u_model,
        weight_model,
        weight_home,
        drift,
        match_share * abs(drift) as drift_by_use,
    from shared
)

select * from final
