select * from bi.tasks_by_area
