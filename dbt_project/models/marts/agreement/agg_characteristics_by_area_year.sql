-- Sex and ethnic group come from the child's current record, other characteristics from
-- the absence. Placement and boundary are given for looked-after children only.
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

-- Characteristics are counted one at a time, because all at once do not fit in memory
-- for millions of children. `count` skips nulls, so flags are true or null. Authorities
-- are expected to record only absences of looked-after children, so `expected` and
-- `matched` do not depend on the population.
child_values as (
    {% for characteristic, column in {
        'age_band': 'age_band_code',
        'sex': 'sex_code',
        'ethnicity_group': 'ethnicity_group_code',
        'duration_band': 'duration_band_code',
        'placement_group': 'placement_group_code',
        'boundary': 'boundary_code',
    }.items() %}
        select
            child_id_register,
            authority_code_dfe,
            police_force_code,
            collection_year,
            '{{ characteristic }}' as characteristic_code,
            {{ column }} as value_code,
            count(*) as every_child,
            count(is_missing) as every_child_missing,
            count(is_looked_after) as looked_after,
            count(case when is_looked_after then is_missing end)
                as looked_after_missing,
            count(is_expected) as expected,
            count(is_matched) as matched,
            count(*) over (
                partition by child_id_register, collection_year, {{ column }}
            ) as places,
        from labelled
        {% if characteristic in ['placement_group', 'boundary'] %}
            where is_looked_after
        {% endif %}
        group by
            child_id_register,
            authority_code_dfe,
            police_force_code,
            collection_year,
            {{ column }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- A place is an authority and a police force. Children with one place for a value are
-- grouped: one row stands for all children with the same counts. A child with several
-- places keeps their key, so that each area counts them once.
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

populated as (
    {% for population in ['every_child', 'looked_after'] %}
        select
            *,
            '{{ population }}' as population_code,
            {{ population }} as episodes,
            {{ population }}_missing as missing,
        from placed
        where
            {{ population }} > 0
            {% if population == 'every_child' %}
                and characteristic_code not in ('placement_group', 'boundary')
            {% endif %}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- A child with two values in a year (for example two ages) counts under both.
counted as (
    select
        area_level_code,
        area_code,
        collection_year,
        population_code,
        characteristic_code,
        value_code,
        {{ number_where('child_count', 'child_of_several_places is null') }}
        + count(distinct child_of_several_places) as children_count,
        cast(sum(episodes * child_count) as bigint) as episode_count,
        {{ number_where(
            'child_count', 'child_of_several_places is null and missing > 0'
        ) }}
        + count(distinct case when missing > 0 then child_of_several_places end)
            as missing_children_count,
        cast(sum(missing * child_count) as bigint) as missing_episode_count,
        cast(sum(expected * child_count) as bigint) as both_expected_count,
        cast(sum(matched * child_count) as bigint) as both_when_expected_count,
    from populated
    group by
        area_level_code,
        area_code,
        collection_year,
        population_code,
        characteristic_code,
        value_code
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
