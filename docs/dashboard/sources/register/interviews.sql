select * from bi.interviews_by_area_year
