-- A table, not a view: a view needs the table that maps care statuses to populations,
-- and the published file does not contain that table.
{{ config(materialized='table') }}

with

disagreements as (
    select
        authority_code_dfe,
        coalesce(police_force_code, 'unknown') as police_force_code,
        collection_year,
        care_status_code,
        care_status_code = 'looked_after' and coalesce(is_out_of_area, false)
            as is_out_of_area,
        reason_code,
        source_status,
        count(*) as episode_count,
        count(case when is_police_expected and is_authority_expected then 1 end)
            as in_scope_count,
    from {{ ref('fct_agreement') }}
    where is_in_scope and reason_code is not null
    group by
        authority_code_dfe,
        coalesce(police_force_code, 'unknown'),
        collection_year,
        care_status_code,
        care_status_code = 'looked_after' and coalesce(is_out_of_area, false),
        reason_code,
        source_status
),

reasons as (
    select * from {{ ref('dim_reasons') }}
),

authority_areas as (
    select * from {{ ref('int_authority_areas') }}
),

populations as (
    select * from {{ ref('ref__populations') }}
),

coverage as (
    select * from {{ ref('int_area_year_coverage') }}
),

areas as (
    select * from {{ ref('areas') }}
),

placed as (
    {{ placed_in_areas('disagreements', 'authority_areas') }}
),

counted as (
    select
        placed.area_level_code,
        placed.area_code,
        placed.collection_year,
        populations.population_code,
        placed.reason_code,
        placed.source_status,
        cast(sum(placed.episode_count) as bigint) as episode_count,
        cast(sum(placed.in_scope_count) as bigint) as in_scope_count,
    from placed
    {{ join_populations('placed') }}
    group by
        placed.area_level_code,
        placed.area_code,
        placed.collection_year,
        populations.population_code,
        placed.reason_code,
        placed.source_status
),

covered as (
    select
        counted.*,
        {{ coverage_columns() }},
    from counted
    {{ join_coverage('counted') }}
),

final as (
    select
        {{ joined_key([
            'covered.area_level_code', 'covered.area_code', 'covered.collection_year',
            'covered.population_code', 'covered.reason_code', 'covered.source_status',
        ]) }} as area_reason_id,
        {{ area_year_columns('covered') }},
        covered.reason_code,
        reasons.reason_name,
        reasons.sort_order,
        covered.source_status,
        {{ label_of('covered.source_status', 'source_status') }} as source_status_name,
        covered.episode_count,
        covered.in_scope_count,
        cast(covered.episode_count as double) / sum(covered.episode_count) over (
            partition by
                covered.area_level_code,
                covered.area_code,
                covered.collection_year,
                covered.population_code
        ) as disagreement_share,
    from covered
    {{ join_areas('covered') }}
    inner join reasons on covered.reason_code = reasons.reason_code
)

select * from final
