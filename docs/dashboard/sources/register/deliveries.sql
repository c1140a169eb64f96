select * from bi.deliveries_by_supplier_period
