{% set measures = {
    'period_expected_count': 'is_expected or is_delivered',
    'period_delivered_count': 'is_delivered',
    'period_late_count': 'is_delivered and is_late',
} %}
with

areas as (
    select * from {{ ref('dim_publication_areas') }}
    where geographic_level in ('Local authority', 'Police force area')
),

periods as (
    select
        *,
        {{ year_ending('period_end') }} as reporting_year,
    from {{ ref('agg_supplier_coverage_by_period') }}
    where
        feed in ('police_reports', 'authority_extract', 'authority_return')
        and period_end is not null
        and (is_expected or is_delivered)
),

of_bodies as (
    select
        areas.geographic_level,
        areas.area_code,
        areas.reporting_year,
        periods.feed,
        periods.is_expected,
        periods.is_delivered,
        periods.is_late,
    from areas
    inner join periods
        on
            areas.area_code = periods.supplier_code
            and areas.reporting_year = periods.reporting_year
),

placed as (
    select * from of_bodies
    union all
    select * replace ('National' as geographic_level, 'E92000001' as area_code)
    from of_bodies
),

of_feeds as (
    select * from placed
    union all
    select * replace ('total' as feed)
    from placed
),

final as (
    {% for measure, condition in measures.items() %}
        select
            {{ joined_key([
                'reporting_year', 'geographic_level', 'area_code', 'feed'
            ]) }} || '|{{ measure }}' as publication_coverage_id,
            reporting_year,
            geographic_level,
            area_code,
            feed,
            '{{ measure }}' as measure,
            count(case when {{ condition }} then 1 end) as period_count,
        from of_feeds
        group by reporting_year, geographic_level, area_code, feed
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
