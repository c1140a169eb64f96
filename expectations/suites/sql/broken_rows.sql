select
    deliveries.delivery_id,
    deliveries.supplier_code,
    deliveries.landed_row_count,
    coalesce(broken.row_count, 0) as broken_row_count
from quality.agg_rows_by_delivery as deliveries
left join (
    select delivery_id, count(distinct concat(file_name, ':', row_number)) as row_count
    from register.fct_rule_breaches
    group by delivery_id
) as broken
    on deliveries.delivery_id = broken.delivery_id
where deliveries.feed = 'authority_return'
