select * from bi.children_by_characteristic
