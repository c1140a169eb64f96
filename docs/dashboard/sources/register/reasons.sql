select * from bi.reasons_by_area_year
