select * from bi.agreement_by_area_year
