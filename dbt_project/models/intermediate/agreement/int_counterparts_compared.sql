-- Every two records of one child, one of each source, that nothing brought together and
-- that start near each other. A case system of work never writes it beforehand.
with

agreement_rows as (
    select * from {{ ref('int_agreement_rows_gathered') }}
    where episode_id_register is not null
),

systems as (
    select * from {{ ref('int_evidence_case_systems_timed') }}
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
final as (
    select
        police_rows.agreement_id as police_agreement_id,
        authority_rows.agreement_id as authority_agreement_id,
        police_rows.endless_count + authority_rows.endless_count as endless_count,
        authority_rows.is_dated_only as is_authority_dated_only,
        authority_rows.supplier_code as authority_supplier_code,
        authority_rows.start_lower_at as authority_start_at,
        hours_between(
            police_rows.start_lower_at, authority_rows.start_lower_at
        ) as start_lag_hours,
        {{ moments_apart('start', 'police_rows', 'authority_rows') }}
            as start_apart_hours,
    from police_rows
    cross join thresholds
    inner join authority_rows
        on
            police_rows.child_id_register = authority_rows.child_id_register
            and abs(hours_between(
                police_rows.start_lower_at, authority_rows.start_lower_at
            )) <= thresholds.counterpart_hours
    left join systems on authority_rows.supplier_code = systems.supplier_code
    where
        not coalesce(systems.is_administrative, false)
        or authority_rows.start_upper_at >= police_rows.start_lower_at
)

select * from final
