with

final as (
    {{ days_between("date '1990-01-01'", "date '2050-03-31'") }}
)

select * from final
