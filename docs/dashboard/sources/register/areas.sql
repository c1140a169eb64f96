select * from bi.areas
