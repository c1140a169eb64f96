-- Of the absences of looked-after children that the other source holds, how many the
-- supplier holds too, by the month in which they start.
with

agreement_rows as (
    select * from {{ ref('int_agreement_rows_gathered') }}
    where
        care_status_code = 'looked_after'
        and is_police_covered
        and is_authority_covered
),

watched as (
    {% for source, other in [('authority', 'police'), ('police', 'authority')] %}
        select
            '{{ source }}' as source,
            {{ 'authority_code_dfe' if source == 'authority' else 'police_force_code' }}
                as supplier_code,
            {{ month_of('start_date') }} as start_month,
            case when status = 'both' then 1.0 else 0.0 end as held,
        from agreement_rows
        where status in ('both', '{{ other }}_only')
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (
    select
        source,
        supplier_code,
        start_month,
        count(*) as known_count,
        sum(held) as held_count,
    from watched
    group by source, supplier_code, start_month
)

select * from final
