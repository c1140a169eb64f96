-- The month from which a supplier suddenly holds hardly any, or at last many, of the
-- brief absences that the other source holds: of all months the one that divides best.
with

agreement_rows as (
    select * from {{ ref('int_agreement_rows_gathered') }}
    where
        care_status_code = 'looked_after'
        and is_police_covered
        and is_authority_covered
),

thresholds as (
    {{ reason_thresholds(['brief_hours', 'break_share', 'step_deviance']) }}
),

watched as (
    {% for source, other in [('authority', 'police'), ('police', 'authority')] %}
        select
            '{{ source }}' as source,
            {{ 'agreement_rows.authority_code_dfe' if source == 'authority'
                else 'agreement_rows.police_force_code' }} as supplier_code,
            {{ month_of('agreement_rows.start_date') }} as start_month,
            case when agreement_rows.status = 'both' then 1.0 else 0.0 end as held,
        from agreement_rows
        cross join thresholds
        where
            agreement_rows.status in ('both', '{{ other }}_only')
            and agreement_rows.category_{{ other }}_code = 'missing'
            and {{ hours_between(
                'agreement_rows.' ~ other ~ '_start_lower_at',
                'agreement_rows.' ~ other ~ '_end_lower_at'
            ) }} < thresholds.brief_hours
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

months as (
    select
        source,
        supplier_code,
        start_month,
        count(*) as known_count,
        sum(held) as held_count,
    from watched
    group by source, supplier_code, start_month
),

divided as (
    select
        source,
        supplier_code,
        start_month,
        sum(known_count) over earlier as known_before,
        sum(held_count) over earlier as held_before,
        sum(known_count) over whole - sum(known_count) over earlier as known_since,
        sum(held_count) over whole - sum(held_count) over earlier as held_since,
    from months
    window
        earlier as (
            partition by source, supplier_code
            order by start_month
            rows between unbounded preceding and 1 preceding
        ),
        whole as (partition by source, supplier_code)
),

steps as (
    {% for low, high in [('since', 'before'), ('before', 'since')] %}
        select
            source,
            supplier_code,
            start_month as step_month,
            '{{ low }}' as low_side,
            known_{{ low }} as low_known_count,
            held_{{ low }} as low_held_count,
            cast(held_{{ high }} as double) / known_{{ high }} as usual_share,
        from divided
        where known_before > 0 and held_{{ high }} > 0
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

weighed as (
    select
        *,
        -- Where all is held, as if one were not: the logarithm needs some chance.
        {{ binomial_deviance(
            'low_held_count', 'low_known_count',
            'least(usual_share, 0.99)'
        ) }} as deviance,
    from steps
),

ranked as (
    select
        weighed.*,
        row_number() over (
            partition by weighed.source, weighed.supplier_code
            order by weighed.deviance desc, weighed.step_month asc
        ) as deviance_rank,
    from weighed
    cross join thresholds
    where
        weighed.low_held_count / weighed.low_known_count
        <= thresholds.break_share * weighed.usual_share
        and weighed.deviance >= thresholds.step_deviance
),

final as (
    select * from ranked
    where deviance_rank = 1
)

select * from final
