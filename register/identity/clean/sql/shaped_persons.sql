with named as (
    select collected.person_key, forms.*, listed.place
    from collected
    cross join unnest(collected.names) with ordinality as listed(name, place)
    inner join forms on listed.name = forms.name
), by_person as (
    select person_key,
        arg_min(forename, place) filter (forename is not null) as forename,
        arg_min(forename_whole, place) filter (forename is not null) as forename_whole,
        arg_min(surname, place) filter (surname is not null) as surname,
        arg_min(forename_sound, place) filter (forename is not null) as forename_sound,
        arg_min(surname_sound, place) filter (surname is not null) as surname_sound,
        list_sort(list_distinct(list_concat(
            list(forename) filter (forename is not null),
            list(forename_whole) filter (forename is not null)
        ))) as forenames,
        list_sort(list(distinct surname) filter (surname is not null)) as surnames,
        list_sort(list_distinct(flatten(list(surname_parts)))) as surname_parts,
        list_sort(list_distinct(flatten(list(forename_roots)))) as forename_roots,
        list_sort(list_distinct(flatten(list(name_sets)))) as name_sets,
        list_sort(list_distinct(flatten(list(name_subsets)))) as name_subsets,
        list_sort(list_distinct(flatten(list(name_tokens)))) as name_tokens
    from named
    group by person_key
), other_readings as (
    select person_key, list_sort(list_distinct(flatten(list(readings)))) as birth_dates_converted
    from (select person_key, unnest(birth_dates) as born from collected)
    inner join readings using (born)
    group by person_key
)
select
    collected.person_key, collected.dataset,
    forename, forename_whole, surname, forename_sound, surname_sound,
    forenames, surnames, surname_parts, forename_roots, name_sets, name_subsets, name_tokens,
    -- A real date of birth comes before a default one.
    coalesce(
        list_filter(collected.birth_dates, lambda born: born[5:8] not in {defaults})[1],
        collected.birth_dates[1]
    ) as birth_date,
    case when len(collected.birth_dates) > 0 then collected.birth_dates end as birth_dates,
    birth_dates_converted,
    coalesce(birth_year_least, try_cast(birth_date[1:4] as integer))
        as birth_year_least,
    coalesce(birth_year_most, try_cast(birth_date[1:4] as integer))
        as birth_year_most,
    sex, collected.postcodes[1] as postcode,
    case when len(collected.postcodes) > 0 then collected.postcodes end as postcodes,
    case when len(collected.districts) > 0 then collected.districts end as districts,
    list_sort(list_distinct(list_filter(
        list_transform(collected.districts, lambda code: regexp_extract(code, '^[A-Z]+')),
        lambda area: area != ''
    ))) as areas,
    case when len(collected.identifiers) > 0 then list_filter(
        collected.identifiers, lambda item: starts_with(item, 'nhs|')
    ) end as identifiers_nhs,
    case when len(collected.identifiers) > 0 then list_filter(
        collected.identifiers, lambda item: starts_with(item, 'upn|')
    ) end as identifiers_upn,
    case when len(collected.identifiers) > 0 then list_filter(
        collected.identifiers, lambda item: starts_with(item, 'home_office|')
    ) end as identifiers_home_office,
    case when len(collected.identifiers) > 0 then list_filter(
        collected.identifiers, lambda item: starts_with(item, 'police|')
    ) end as identifiers_police
    {others}
from collected
left join by_person using (person_key)
left join other_readings using (person_key)
