-- Sex and ethnic group are those of the child's current record; the rest are the
-- absence's. Care characteristics are given for looked-after children only.
with

episodes as (
    select * from {{ ref('fct_episodes') }}
),

agreement as (
    select * from {{ ref('fct_agreement') }}
    where is_in_scope and is_police_expected and is_authority_expected
),

placement_types as (
    select * from {{ ref('dim_placement_types') }}
),

areas as (
    select * from {{ ref('int_authority_areas') }}
),

coverage as (
    select * from {{ ref('int_area_year_coverage') }}
),

labelled as (
    select
        episodes.child_id_register,
        episodes.authority_code_dfe,
        episodes.collection_year,
        episodes.age_band_code,
        episodes.sex_code,
        episodes.ethnicity_group_code,
        coalesce(episodes.police_force_code, 'unknown') as police_force_code,
        coalesce(episodes.duration_band_dfe_code, 'unknown') as duration_band_code,
        coalesce(placement_types.placement_group_code, 'unknown')
            as placement_group_code,
        {{ boundary_of('episodes.is_out_of_area') }} as boundary_code,
        case when episodes.care_status_code = 'looked_after' then true end
            as is_looked_after,
        case when episodes.category_code = 'missing' then true end as is_missing,
        case when agreement.agreement_id is not null then true end as is_expected,
        case when agreement.source_status = 'both' then true end as is_matched,
    from episodes
    left join agreement
        on episodes.episode_id_register = agreement.episode_id_register
    left join placement_types
        on episodes.placement_type_code = placement_types.placement_type_code
    where episodes.is_in_scope
),

child_values as (
    {{ child_characteristics('labelled') }}
),

-- A child who has a value in one place stands for all that are alike there.
alike as (
    select
        * exclude (child_id_register, places),
        case when places > 1 then child_id_register end as child_of_several_places,
        count(*) as child_count,
    from child_values
    group by all
),

placed as (
    {{ placed_in_areas('alike') }}
),

counted as (
    {{ characteristic_counts('placed') }}
),

final as (
    select
        {{ joined_key([
            'counted.area_level_code', 'counted.area_code', 'counted.collection_year',
            'counted.population_code', 'counted.characteristic_code',
            'counted.value_code',
        ]) }} as characteristic_id,
        counted.*,
        cast(counted.episode_count as double) / sum(counted.episode_count) over (
            partition by
                counted.area_level_code,
                counted.area_code,
                counted.collection_year,
                counted.population_code,
                counted.characteristic_code
        ) as episode_share,
        {{ share_columns(
            'both_when_expected_share', 'counted.both_when_expected_count',
            'counted.both_expected_count'
        ) }},
        {{ coverage_columns() }},
    from counted
    {{ join_coverage('counted') }}
)

select * from final
