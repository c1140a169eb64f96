-- Fails if, at the central linkage threshold, the number of compared start or end times
-- differs from the register's absences recorded by both. Also fails if, at any
-- threshold, the number of compared starts differs from the number of absences recorded
-- by both.
with

agreement as (
    select * from {{ ref('fct_agreement') }}
    where status = 'both' and is_in_scope
),

sensitivities as (
    select * from {{ ref('agg_agreement_by_linkage') }}
),

lags as (
    select * from {{ ref('agg_lags_by_area_year') }}
),

durations as (
    select * from {{ ref('agg_duration_agreement_by_area_year') }}
),

forces as (
    select
        'central|police_force|' || police_force_code || '|' || collection_year
        || '|every_child' as cell_id,
        count(start_difference_hours) as start_count,
        count(end_difference_hours) as end_count,
    from agreement
    group by police_force_code, collection_year
),

compared as (
    {% for event in ['start', 'end'] %}
        select
            forces.cell_id || '|{{ event }}_difference' as compared_id,
            forces.{{ event }}_count as expected_count,
            lags.lag_count as actual_count,
        from forces
        left join lags
            on forces.cell_id || '|{{ event }}_difference' = lags.lag_id
        union all
    {% endfor %}
    select
        forces.cell_id as compared_id,
        forces.end_count as expected_count,
        durations.difference_count as actual_count,
    from forces
    left join durations on forces.cell_id = durations.duration_agreement_id
    union all
    select
        sensitivities.agreement_cell_id as compared_id,
        sensitivities.both_count as expected_count,
        lags.lag_count as actual_count,
    from sensitivities
    left join lags
        on sensitivities.agreement_cell_id || '|start_difference' = lags.lag_id
),

final as (
    select * from compared
    where expected_count != coalesce(actual_count, 0)
)

select * from final
