select * from bi.children_by_area_year
