with addressed as (
    select person_key,
        list_sort(list(postcode) filter (holder_count <= $crowded)) as postcodes_private,
        list_sort(list(postcode) filter (holder_count > $crowded)) as postcodes_crowded
    from (select person_key, unnest(postcodes) as postcode from shaped)
    inner join holders using (postcode)
    group by person_key
)
select
    cast(row_number() over (order by shaped.person_key) - 1 as integer) as person_id,
    shaped.*, addressed.postcodes_private, addressed.postcodes_crowded
from shaped
left join addressed using (person_key)
order by person_id
