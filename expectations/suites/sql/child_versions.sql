select
    child_id_register,
    1 as expected_count,
    count(*) filter (where is_current) as current_count
from register.dim_children
group by child_id_register
