with

levels as (
    select * from {{ ref('int_weight_drift') }}
),

shared as (
    select
        *,
        weight_home - weight_model as drift,
        sum(match_count) over (partition by comparison_code) as comparison_match_count,
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
        match_count / nullif(comparison_match_count, 0) as match_share,
        m_model,
        m_home,
        u_model,
        weight_model,
        weight_home,
        drift,
        abs(drift) * match_count
        / nullif(max(comparison_match_count) over (), 0) as drift_by_use,
    from shared
)

select * from final
