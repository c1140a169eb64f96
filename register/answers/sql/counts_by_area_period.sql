-- One row per area and period, and per value of the characteristic; the value `total`
-- counts each child once. `delivery_code` says which of the sources that the question
-- needs have delivered the period. A cell without any absence is 0, or null if
-- nothing was delivered.
-- Filled in: {areas}, {periods} and {choices} are rows of literals, {column} the
-- characteristic, {condition} the population, {shares} what each source that the
-- question needs has delivered, {counts} and {filled} the expressions of the counts.
with

areas (area_order, area_level_code, area_code) as (
    values {areas}
),

periods (period_name, period_start, period_end) as (
    values {periods}
),

choices (value_order, value_code, value_name, is_rest) as (
    values {choices}
),

-- As in the marts: an area's authorities, also former ones.
members as (
    select distinct
        areas.area_level_code,
        areas.area_code,
        authorities.authority_code_dfe,
        authorities.police_force_code,
        authorities.is_current,
    from areas
    inner join bi.areas as named
        on
            areas.area_level_code = named.area_level_code
            and areas.area_code = named.area_code
    inner join bi.areas as places on places.area_level_code = 'authority'
    inner join register.dim_authorities_current as authorities
        on places.area_code = authorities.authority_code_dfe
    where
        case areas.area_level_code
            when 'nation' then true
            when 'region' then places.region_name = named.area_name
            when 'sub_region' then authorities.region_code_ons = areas.area_code
            when 'authority' then authorities.authority_code_dfe = areas.area_code
            when 'police_force' then authorities.police_force_code = areas.area_code
        end
),

placed as (
    select
        members.area_level_code,
        members.area_code,
        episodes.*,
    from bi.episodes as episodes
    inner join members on episodes.authority_code_dfe = members.authority_code_dfe
    where members.area_level_code != 'police_force'
    union all
    select
        areas.area_level_code,
        areas.area_code,
        episodes.*,
    from bi.episodes as episodes
    inner join areas on episodes.police_force_code = areas.area_code
    where areas.area_level_code = 'police_force'
),

valued as (
    select
        placed.*,
        periods.period_start,
        {column} as value_code,
    from placed
    inner join periods
        on placed.start_month between periods.period_start and periods.period_end
    where placed.is_counted and ({condition})
),

counted as (
    select
        area_level_code,
        area_code,
        period_start,
        case when grouping(value_code) = 1 then 'total' else value_code end as value_code,
        {counts},
    from valued
    group by grouping sets (
        (area_level_code, area_code, period_start, value_code),
        (area_level_code, area_code, period_start)
    )
),

-- The days that a current delivery covers. An extract is cumulative. No delivery covers
-- days after its receipt.
spans as (
    select
        supplier_code,
        case feed when 'police_reports' then 'police' else 'authority' end as source,
        case when feed = 'authority_extract' then date '1900-01-01' else period_start end
            as first_day,
        least(
            period_end,
            cast(timezone('Europe/London', timezone('UTC', received_at)) as date)
        ) as last_day,
    from register.dim_deliveries
    where
        status = 'current'
        and feed in ('police_reports', 'authority_extract', 'authority_return')
),

-- Suppliers that never delivered do not count.
suppliers as (
    select distinct
        members.area_level_code,
        members.area_code,
        spans.source,
        spans.supplier_code,
    from members
    inner join spans
        on
            (spans.source = 'authority' and spans.supplier_code = members.authority_code_dfe)
            or (spans.source = 'police' and spans.supplier_code = members.police_force_code)
    where members.is_current
    union distinct
    select
        areas.area_level_code,
        areas.area_code,
        spans.source,
        spans.supplier_code,
    from areas
    inner join spans on areas.area_code = spans.supplier_code
    where areas.area_level_code = 'police_force'
),

days as (
    select
        period_start,
        unnest(generate_series(period_start, period_end, interval 1 day)) as day,
    from periods
),

supplier_days as (
    select
        spans.source,
        spans.supplier_code,
        days.period_start,
        count(distinct days.day) as day_count,
    from spans
    inner join days on days.day between spans.first_day and spans.last_day
    group by spans.source, spans.supplier_code, days.period_start
),

-- The share of an area's days that each source has delivered.
delivered as (
    select
        suppliers.area_level_code,
        suppliers.area_code,
        periods.period_start,
        coalesce(avg(
            coalesce(supplier_days.day_count, 0)
            / (periods.period_end - periods.period_start + 1)
        ) filter (where suppliers.source = 'police'), 0) as police_share,
        coalesce(avg(
            coalesce(supplier_days.day_count, 0)
            / (periods.period_end - periods.period_start + 1)
        ) filter (where suppliers.source = 'authority'), 0) as authority_share,
    from suppliers
    cross join periods
    left join supplier_days
        on
            suppliers.source = supplier_days.source
            and suppliers.supplier_code = supplier_days.supplier_code
            and periods.period_start = supplier_days.period_start
    group by suppliers.area_level_code, suppliers.area_code, periods.period_start
),

grid as (
    select
        areas.area_order,
        areas.area_level_code,
        areas.area_code,
        named.area_name,
        periods.period_name,
        periods.period_start,
        periods.period_end,
        choices.value_order,
        choices.value_code,
        choices.value_name,
        choices.is_rest,
        [{shares}] as shares,
    from areas
    inner join bi.areas as named
        on
            areas.area_level_code = named.area_level_code
            and areas.area_code = named.area_code
    cross join periods
    cross join choices
    left join delivered
        on
            areas.area_level_code = delivered.area_level_code
            and areas.area_code = delivered.area_code
            and periods.period_start = delivered.period_start
),

judged as (
    select
        *,
        case
            when list_max(shares) = 0 then 'not_delivered'
            when list_min(shares) = 1 then 'delivered'
            when shares = [1, 0] then 'police_only'
            when shares = [0, 1] then 'authority_only'
            else 'in_part'
        end as delivery_code,
    from grid
)

select
    judged.area_name,
    judged.period_name,
    judged.period_start,
    judged.period_end,
    judged.value_name,
    judged.delivery_code,
    {filled},
from judged
left join counted
    on
        judged.area_level_code = counted.area_level_code
        and judged.area_code = counted.area_code
        and judged.period_start = counted.period_start
        and judged.value_code = counted.value_code
where
    not judged.is_rest
    or judged.value_code in (select counted.value_code from counted)
order by judged.area_order, judged.period_start, judged.value_order
