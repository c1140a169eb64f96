day >= cast('{{ var("first_counted_date") }}' as date)
