-- Every count of one file in every area, as `fct_publication_cells` has them.
with

placed as (
    select
        places.geographic_level,
        places.area_code,
        matched.*,
    from matched
    inner join places on matched.authority = places.authority
    union all
    select
        'Police force area' as geographic_level,
        force as area_code,
        *,
    from matched
    where force != 'none'
),

ranges as (
    select distinct
        geographic_level,
        condition_id,
        linkage,
        episodes_least,
        episodes_most,
    from listed_rows
),

of_children as (
    select
        geographic_level,
        area_code,
        condition_id,
        linkage,
        child,
        count(*) as episodes,
    from placed
    where geographic_level in (select geographic_level from listed_rows)
    group by all
),

counts as (
    select
        geographic_level,
        area_code,
        condition_id,
        linkage,
        episodes_least,
        episodes_most,
        sum(episodes) as episodes,
        count(*) as children,
        count(*) filter (episodes > 1) as repeat_children,
        list_sum(max(episodes, 2)) as top_two,
    from of_children
    inner join ranges using (geographic_level, condition_id, linkage)
    where episodes between episodes_least and episodes_most
    group by all
),

counted as (
    select
        *,
        case unit
            when 'episodes' then coalesce(episodes, 0)
            when 'children' then coalesce(children, 0)
            when 'repeat_children' then coalesce(repeat_children, 0)
            when 'looked_after_children' then looked_after_children
        end as value,
    from areas
    inner join listed_rows using (geographic_level)
    left join looked_after using (geographic_level, area_code)
    left join counts
        using (
            geographic_level,
            area_code,
            condition_id,
            linkage,
            episodes_least,
            episodes_most
        )
)

select
    data_set as dataset,
    (select any_value(year) from base) as reporting_year,
    geographic_level,
    area_code,
    parent_code,
    police_force_code,
    filter_values,
    measure,
    value,
    case
        when unit = 'episodes' then coalesce(children, 0)
        else value
    end as child_count,
    case when unit = 'episodes' and value > 0 then top_two / value end as top_two_share,
from counted
order by all
