-- Finds a counterpart for absences that only one source recorded: an unmatched record
-- of the same child in the other source. The two records must be each other's nearest.
-- A child who goes missing often has several unmatched records, so the nearest pairs
-- are matched in three rounds.
{% set rounds = [1, 2, 3] %}
with

systems as (
    select * from {{ ref('int_case_system_timestamp_profiles') }}
),

agreement_rows as (
    select * from {{ ref('int_agreement_rows') }}
    where episode_id_register is not null
),

thresholds as (
    {{ reason_thresholds(ref('ref__reason_thresholds'), ['counterpart_hours']) }}
),

{% for source in ['police', 'authority'] %}
    {{ source }}_rows as (
        select
            agreement_id,
            child_id_register,
            {{ source }}_supplier_code as supplier_code,
            {{ source }}_start_lower_at as start_lower_at,
            {{ source }}_start_upper_at as start_upper_at,
            {{ source }}_is_dated_only as is_dated_only,
        from agreement_rows
        where status = '{{ source }}_only'
    ),

{% endfor %}

-- Possible pairs: two unmatched records of one child, one from each source. Their
-- starts are at most `counterpart_hours` apart, or at most the authority's entry delay
-- if that is longer. If the case system records when work was done, the authority
-- record must not start before the police record.
candidates as (
    select
        police_rows.agreement_id as police_agreement_id,
        authority_rows.agreement_id as authority_agreement_id,
        authority_rows.is_dated_only as is_authority_dated_only,
        authority_rows.supplier_code as authority_supplier_code,
        police_rows.start_lower_at as police_start_at,
        authority_rows.start_lower_at as authority_start_at,
        {{ function('hours_between') }}(
            police_rows.start_lower_at, authority_rows.start_lower_at
        ) as start_lag_hours,
        {{ moments_apart('start', 'police_rows', 'authority_rows') }}
            as start_apart_hours,
    from police_rows
    cross join thresholds
    inner join authority_rows
        on police_rows.child_id_register = authority_rows.child_id_register
    left join systems on authority_rows.supplier_code = systems.supplier_code
    where
        abs(
            {{ function('hours_between') }}(
                police_rows.start_lower_at, authority_rows.start_lower_at
            )
        )
        <= greatest(
            thresholds.counterpart_hours,
            coalesce(systems.entry_delay_tolerance_hours, 0.0)
        )
        and (
            not coalesce(systems.is_administrative, false)
            or authority_rows.start_upper_at >= police_rows.start_lower_at
        )
),

{% for round in rounds %}
    ranked_{{ round }} as (
        select
            candidates.*,
            row_number() over (
                partition by candidates.police_agreement_id
                order by
                    candidates.start_apart_hours,
                    abs(candidates.start_lag_hours),
                    candidates.authority_agreement_id
            ) as police_rank,
            row_number() over (
                partition by candidates.authority_agreement_id
                order by
                    candidates.start_apart_hours,
                    abs(candidates.start_lag_hours),
                    candidates.police_agreement_id
            ) as authority_rank,
        from candidates
        {% if not loop.first %}
            left join chosen_{{ round - 1 }} as police_chosen
                on
                    candidates.police_agreement_id
                    = police_chosen.police_agreement_id
            left join chosen_{{ round - 1 }} as authority_chosen
                on
                    candidates.authority_agreement_id
                    = authority_chosen.authority_agreement_id
            where
                police_chosen.police_agreement_id is null
                and authority_chosen.authority_agreement_id is null
        {% endif %}
    ),

    chosen_{{ round }} as (
        select
            police_agreement_id,
            authority_agreement_id,
            is_authority_dated_only,
            authority_supplier_code,
            police_start_at,
            authority_start_at,
            start_lag_hours,
            start_apart_hours,
        from ranked_{{ round }}
        where police_rank = 1 and authority_rank = 1
        {% if not loop.first %}
            union all
            select * from chosen_{{ round - 1 }}
        {% endif %}
    ),

{% endfor %}

final as (
    {% for own, other in [('police', 'authority'), ('authority', 'police')] %}
        select
            {{ own }}_agreement_id as agreement_id,
            {{ other }}_agreement_id as counterpart_agreement_id,
            is_authority_dated_only,
            authority_supplier_code,
            police_start_at,
            authority_start_at,
            start_lag_hours,
            start_apart_hours,
        from chosen_{{ rounds | last }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
