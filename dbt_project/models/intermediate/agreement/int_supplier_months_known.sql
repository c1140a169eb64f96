-- Of the absences of looked-after children that the other source holds, how many the
-- supplier holds too, by the month in which they start; brief ones apart.
with

holdings as (
    select * from {{ ref('int_agreement_holdings_judged') }}
),

thresholds as (
    {{ reason_thresholds(['brief_hours']) }}
),

watched as (
    {% for source, other in [('authority', 'police'), ('police', 'authority')] %}
        select
            '{{ source }}' as source,
            {{ 'authority_code_dfe' if source == 'authority' else 'police_force_code' }}
                as supplier_code,
            start_month,
            held,
            category_code,
            hours,
        from holdings
        where status in ('both', '{{ other }}_only')
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (
    select
        watched.source,
        watched.supplier_code,
        watched.start_month,
        count(*) as known_count,
        sum(watched.held) as held_count,
        count(
            case
                when
                    watched.hours < thresholds.brief_hours
                    and watched.category_code = 'missing'
                    then 1
            end
        ) as brief_known_count,
        coalesce(sum(
            case
                when
                    watched.hours < thresholds.brief_hours
                    and watched.category_code = 'missing'
                    then watched.held
            end
        ), 0) as brief_held_count,
    from watched
    cross join thresholds
    group by watched.source, watched.supplier_code, watched.start_month
)

select * from final
