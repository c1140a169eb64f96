-- Fails for a child who counts as an adult because a system writes an unknown birth as 1900.
with cases as (
    select * from (
        values
        ('1900-01-01', null),
        ('1949-12-31', null),
        ('1950-01-01', date '1950-01-01'),
        ('2012-03-04', date '2012-03-04'),
        (null, null)
    ) as listed (delivered, expected_date)
)

select
    cases.delivered,
    {{ birth_date_of('cases.delivered') }} as birth_date
from cases
where {{ birth_date_of('cases.delivered') }} is distinct from cases.expected_date
