-- Two records of one child, one of each source, that nothing brought together and that
-- start near each other: each is the other's nearest.
with

agreement_rows as (
    select * from {{ ref('int_agreement_rows_gathered') }}
    where episode_id_register is not null
),

thresholds as (
    {{ reason_thresholds(['counterpart_hours']) }}
),

{% for source in ['police', 'authority'] %}
    {{ source }}_rows as (
        select
            agreement_id,
            child_id_register,
            {{ source }}_supplier_code as supplier_code,
            {{ source }}_start_lower_at as start_lower_at,
            {{ source }}_start_upper_at as start_upper_at,
            {{ source }}_endless_count as endless_count,
            {{ source }}_is_dated_only as is_dated_only,
        from agreement_rows
        where status = '{{ source }}_only'
    ),

{% endfor %}
pairs as (
    select
        police_rows.agreement_id as police_agreement_id,
        authority_rows.agreement_id as authority_agreement_id,
        police_rows.endless_count + authority_rows.endless_count as endless_count,
        authority_rows.is_dated_only as is_authority_dated_only,
        authority_rows.supplier_code as authority_supplier_code,
        authority_rows.start_lower_at as authority_start_at,
        {{ hours_between('police_rows.start_lower_at', 'authority_rows.start_lower_at') }}
            as start_lag_hours,
        {{ moments_apart('start', 'police_rows', 'authority_rows') }}
            as start_apart_hours,
    from police_rows
    cross join thresholds
    inner join authority_rows
        on
            police_rows.child_id_register = authority_rows.child_id_register
            and abs({{ hours_between(
                'police_rows.start_lower_at', 'authority_rows.start_lower_at'
            ) }}) <= thresholds.counterpart_hours
),

ranked as (
    select
        *,
        row_number() over (
            partition by police_agreement_id
            order by
                start_apart_hours, abs(start_lag_hours), authority_agreement_id
        ) as police_rank,
        row_number() over (
            partition by authority_agreement_id
            order by start_apart_hours, abs(start_lag_hours), police_agreement_id
        ) as authority_rank,
    from pairs
),

final as (
    {% for own, other in [('police', 'authority'), ('authority', 'police')] %}
        select
            {{ own }}_agreement_id as agreement_id,
            {{ other }}_agreement_id as counterpart_agreement_id,
            endless_count,
            is_authority_dated_only,
            authority_supplier_code,
            authority_start_at,
            start_lag_hours,
            start_apart_hours,
        from ranked
        where police_rank = 1 and authority_rank = 1
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
