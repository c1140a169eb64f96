with
before as (select {columns} from read_parquet($before)),
now as (select {columns} from read_parquet($now)),
differing as (
    (select * from now except select * from before)
    union all
    (select * from before except select * from now)
)
select
    authority_code_dfe,
    reporting_year,
    count(distinct child_id_register) as child_count
from differing
where reporting_year in (select reporting_year from before)
group by authority_code_dfe, reporting_year
order by authority_code_dfe, reporting_year
