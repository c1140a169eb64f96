-- `authority_children_count` counts a child once in each authority that looked after
-- them, as the official statistics do. `children_count` counts each child once.
with

spells as (
    select * from {{ ref('int_care_spells') }}
    where not is_short_break
),

crosswalk as (
    select * from {{ ref('int_child_crosswalk') }}
),

areas as (
    select * from {{ ref('int_authority_areas') }}
),

years as (
    {{ collection_years(ref('int_days')) }}
),

spans as (
    select * from {{ ref('int_supplier_coverage') }}
    where source = 'authority'
),

last_days as (
    select max(covered_to_date) as last_day
    from spans
),

child_years as (
    select distinct
        crosswalk.child_id_register,
        spells.authority_code_dfe,
        years.collection_year,
    from spells
    inner join crosswalk on spells.mention_key = crosswalk.mention_key
    cross join last_days
    inner join years
        on
            spells.spell_start_date <= years.last_day
            -- A spell without an end lasts to the last day that data of any authority
            -- cover.
            and coalesce(spells.spell_end_date, last_days.last_day) >= years.first_day
            and last_days.last_day >= years.first_day
),

final as (
    select
        areas.area_level_code,
        areas.area_code,
        child_years.collection_year,
        count(distinct child_years.child_id_register) as children_count,
        count(*) as authority_children_count,
    from child_years
    inner join areas on child_years.authority_code_dfe = areas.authority_code_dfe
    group by areas.area_level_code, areas.area_code, child_years.collection_year
)

select * from final
