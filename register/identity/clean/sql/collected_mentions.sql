select
    mention_key as person_key,
    source as dataset,
    case
        when list_contains(names, primary_name)
            then list_prepend(
                primary_name, list_filter(names, lambda name: name != primary_name)
            )
        else names
    end as names,
    list_transform(birth_dates, lambda born: strftime(born, '%Y%m%d')) as birth_dates,
    cast(year(birth_date_earliest) as integer) as birth_year_least,
    cast(year(birth_date_latest) as integer) as birth_year_most,
    case when sex_code in ('female', 'male') then sex_code end as sex,
    postcodes,
    list_sort(list_distinct(list_concat(
        list_transform(postcodes, lambda postcode: case
            when regexp_matches(postcode[:-4], '{district}') then postcode[:-4]
            else postcode[:-2]
        end),
        postcode_districts
    ))) as districts,
    identifiers
from mentions
