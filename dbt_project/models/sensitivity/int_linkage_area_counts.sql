{#
    Agreement by area at each threshold: as in the register for children that are the
    same there, counted again for the others. Pairs kept apart count where the
    authority's record is.
#}
{% set cell = [
    'authority_code_dfe', 'police_force_code', 'collection_year', 'care_status_code',
    'is_out_of_area',
] %}
{% set added = ['police_only_when_expected', 'timing_pair', 'unit_pair'] %}
{% set recorded = [
    'status', 'category_police_code', 'category_authority_code', 'is_category_equal',
] %}
with

agreement_rows as (
    select * from {{ ref('int_agreement_rows') }}
    where is_in_scope(start_date, care_status_code)
),

reasons as (
    select * from {{ ref('int_agreement_reasons') }}
),

apart as (
    select
        agreement_id,
        cause_code as kind_code,
    from {{ ref('int_missed_matches') }}
),

moved_children as (
    select distinct
        linkage_code,
        child_id_register,
    from {{ ref('int_children_reclustered') }}
),

recounted as (
    select * from {{ ref('int_linkage_rows') }}
),

categories as (
    select * from {{ ref('ref__categories') }}
),

areas as (
    select * from {{ ref('int_authority_areas') }}
),

populations as (
    select * from {{ ref('ref__populations') }}
),

central as (
    select
        'central' as linkage_code,
        agreement_rows.child_id_register as child_key,
        {% for column in cell[:-1] + recorded -%}
            agreement_rows.{{ column }},
        {% endfor -%}
        agreement_rows.care_status_code = 'looked_after'
        and coalesce(agreement_rows.is_out_of_area, false) as is_out_of_area,
        {{ agreement_expectations('agreement_rows') }},
        reasons.reason_code,
        apart.kind_code,
    from agreement_rows
    left join reasons on agreement_rows.agreement_id = reasons.agreement_id
    left join apart on agreement_rows.agreement_id = apart.agreement_id
),

recorded_absences as (
    select * from central
    union all
    select
        linkage_code,
        child_key,
        {{ (cell[:-1] + recorded + cell[-1:]) | join(', ') }},
        is_police_expected,
        is_authority_expected,
        cast(null as varchar) as reason_code,
        cast(null as varchar) as kind_code,
    from recounted
),

counted as (
    {{ linkage_child_counts('recorded_absences', cell) }}
),

thresholds as (
    select 'strict' as linkage_code
    union all
    select 'loose' as linkage_code
),

central_counts as (
    select * exclude (linkage_code)
    from counted
    where linkage_code = 'central'
),

child_counts as (
    select * from counted
    union all
    select
        thresholds.linkage_code,
        central_counts.*,
    from central_counts
    cross join thresholds
    left join moved_children
        on
            thresholds.linkage_code = moved_children.linkage_code
            and central_counts.child_key = moved_children.child_id_register
    where moved_children.child_id_register is null
),

placed as (
    {{ placed_in_areas('child_counts') }}
),

-- A missed link takes all of a child's absences with it, so counts go by child first.
children as (
    select
        placed.linkage_code,
        placed.area_level_code,
        placed.area_code,
        placed.collection_year,
        populations.population_code,
        placed.child_key,
        {% for name in added -%}
            cast(sum(placed.{{ name }}_count) as bigint) as {{ name }}_count,
        {% endfor -%}
        {{ agreement_count_sums() }},
    from placed
    {{ join_populations('placed') }}
    group by
        placed.linkage_code,
        placed.area_level_code,
        placed.area_code,
        placed.collection_year,
        populations.population_code,
        placed.child_key
),

matched as (
    select
        *,
        both_count + timing_pair_count + unit_pair_count as joined_count,
    from children
),

final as (
    select
        {{ joined_key([
            'linkage_code', 'area_level_code', 'area_code', 'collection_year',
            'population_code',
        ]) }} as agreement_cell_id,
        linkage_code,
        area_level_code,
        area_code,
        collection_year,
        population_code,
        {% for name in added -%}
            cast(sum({{ name }}_count) as bigint) as {{ name }}_count,
        {% endfor -%}
        {{ agreement_count_sums() }},
        count(case when joined_count > 0 then 1 end) as joined_children_count,
        sum(power(joined_count, 2)) as joined_squares,
        sum(power(police_only_count, 2)) as police_only_squares,
    from matched
    group by
        linkage_code, area_level_code, area_code, collection_year, population_code
)

select * from final
