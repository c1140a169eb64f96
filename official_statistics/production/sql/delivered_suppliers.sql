with
periods as (
    select
        cast(year(period_end - interval 3 month) as integer) + 1 as reporting_year,
        supplier_code,
        is_delivered,
        is_expected
    from quality.agg_supplier_coverage_by_period
    where feed in ('police_reports', 'authority_extract', 'authority_return')
),
suppliers as (select distinct supplier_code from periods where is_delivered)
select
    reporting_year,
    count(*) filter (where is_delivered) as delivered_count,
    count(*) as expected_count
from periods
inner join suppliers using (supplier_code)
where is_expected and reporting_year <= $year
group by reporting_year
order by reporting_year
