-- The absence is brief, and starts at a time when the supplier recorded very few of the
-- other source's brief absences. To find this time, the supplier's months are split in
-- two, before and since the month that gives the greatest difference. The time is the
-- side with the lower share. Brief absences that both recorded are included for
-- comparison.
with

expected_records as (
    select * from {{ ref('int_expected_records') }}
),

holdings as (
    select * from {{ ref('int_agreement_coverage_pairs') }}
),

recorded_months as (
    {{ recorded_months(
        ref('int_agreement_coverage_pairs'), ref('ref__reason_thresholds')
    ) }}
),

months as (
    select * from recorded_months
    where brief_known_count > 0
),

thresholds as (
    {{ reason_thresholds(
        ref('ref__reason_thresholds'), ['break_share', 'step_deviance', 'brief_hours']
    ) }}
),

divided as (
    select
        source,
        supplier_code,
        start_month,
        sum(brief_known_count) over earlier as known_before,
        sum(brief_held_count) over earlier as held_before,
        sum(brief_known_count) over whole - sum(brief_known_count) over earlier
            as known_since,
        sum(brief_held_count) over whole - sum(brief_held_count) over earlier
            as held_since,
    from months
    window
        earlier as (
            partition by source, supplier_code
            order by start_month
            rows between unbounded preceding and 1 preceding
        ),
        whole as (partition by source, supplier_code)
),

weighed as (
    {% for low, high in [('since', 'before'), ('before', 'since')] %}
        select
            source,
            supplier_code,
            start_month as step_month,
            '{{ low }}' as low_side,
            known_{{ low }} as low_known_count,
            held_{{ low }} as low_held_count,
            cast(held_{{ low }} as double) / known_{{ low }} as low_share,
            cast(held_{{ high }} as double) / known_{{ high }} as usual_share,
            {{ function('shares_deviance') }}(
                held_before, known_before, held_since, known_since
            ) as deviance,
        from divided
        where known_before > 0
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

ranked as (
    select
        weighed.*,
        row_number() over (
            partition by weighed.source, weighed.supplier_code
            order by
                weighed.deviance desc,
                weighed.step_month asc,
                weighed.low_side asc
        ) as deviance_rank,
    from weighed
    cross join thresholds
    where
        weighed.low_share <= thresholds.break_share * weighed.usual_share
        and weighed.deviance >= thresholds.step_deviance
),

steps as (
    select * from ranked
    where deviance_rank = 1
),

final as (
    select
        expected_records.agreement_id,
        'D17' as reason_code,
        'strong' as strength,
        'brief ones '
        || steps.low_side
        || ' '
        || cast(steps.step_month as varchar)
        || ': '
        || cast(cast(steps.low_held_count as integer) as varchar)
        || ' of '
        || cast(steps.low_known_count as varchar)
        || ', otherwise '
        || cast(cast(round(100 * steps.usual_share) as integer) as varchar)
        || ' %' as evidence,
        expected_records.expected_source,
        expected_records.is_missed,
    from expected_records
    cross join thresholds
    inner join holdings on expected_records.agreement_id = holdings.agreement_id
    inner join steps
        on
            expected_records.expected_source = steps.source
            and expected_records.expected_supplier_code = steps.supplier_code
            and thresholds.brief_hours > holdings.hours
            and (steps.low_side = 'since')
            = (holdings.start_month >= steps.step_month)
)

select * from final
