-- The counterpart of a record that one source alone has: each is the other's nearest of
-- those that are left, three times over: who goes every night has several.
{% set rounds = [1, 2, 3] %}
with

compared as (
    select * from {{ ref('int_counterparts_compared') }}
),

{% for round in rounds %}
    ranked_{{ round }} as (
        select
            compared.*,
            row_number() over (
                partition by compared.police_agreement_id
                order by
                    compared.start_apart_hours,
                    abs(compared.start_lag_hours),
                    compared.authority_agreement_id
            ) as police_rank,
            row_number() over (
                partition by compared.authority_agreement_id
                order by
                    compared.start_apart_hours,
                    abs(compared.start_lag_hours),
                    compared.police_agreement_id
            ) as authority_rank,
        from compared
        {% if not loop.first %}
            left join chosen_{{ round - 1 }} as police_chosen
                on
                    compared.police_agreement_id
                    = police_chosen.police_agreement_id
            left join chosen_{{ round - 1 }} as authority_chosen
                on
                    compared.authority_agreement_id
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
            endless_count,
            is_authority_dated_only,
            authority_supplier_code,
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
            endless_count,
            is_authority_dated_only,
            authority_supplier_code,
            authority_start_at,
            start_lag_hours,
            start_apart_hours,
        from chosen_{{ rounds | last }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
