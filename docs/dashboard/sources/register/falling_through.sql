select * from bi.falling_through_by_body
