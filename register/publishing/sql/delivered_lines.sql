select
    found.{row_id} as row_id,
    found.feed,
    found.supplier_code,
    suppliers.supplier_name,
    deliveries.period,
    cast(deliveries.received_at as varchar) as received_at,
    deliveries.status as delivery_status,
    found.delivery_id,
    found.file_name,
    found.row_number,
from register.{table} as found
left join register.dim_deliveries as deliveries using (delivery_id)
left join register.dim_suppliers as suppliers
    on found.supplier_code = suppliers.supplier_code
where found.{column} = $identifier
order by found.feed, found.delivery_id, found.file_name, found.row_number
