-- The department's old measure counts children missing for over 24 hours. It lies
-- between two bounds if only dates are known. The new measure counts missing absences
-- of any length, and away absences separately. If care data are incomplete, more
-- looked-after children may be missing than in care. The confidence interval then
-- assumes that all children in care were missing.
with

episodes as (
    select * from {{ ref('fct_episodes') }}
),

reported_absences as (
    select * from {{ ref('int_reported_absences') }}
),

areas as (
    select * from {{ ref('int_authority_areas') }}
),

children_in_care as (
    select * from {{ ref('int_children_in_care') }}
),

populations as (
    select * from {{ ref('ref__populations') }}
),

coverage as (
    select * from {{ ref('int_area_year_coverage') }}
),

flagged as (
    {{ episode_flags('collection_year', 'collection_year') }}
),

alike as (
    {{ alike_children('flagged', 'collection_year') }}
),

placed as (
    {{ placed_in_areas('alike') }}
),

children as (
    {{ child_area_counts('placed', 'collection_year') }}
),

counted as (
    {{ area_counts('children', 'collection_year') }}
),

-- The variance of a number of absences if children are independent.
spread as (
    select
        area_level_code,
        area_code,
        collection_year,
        population_code,
        basis_code,
        {% for kind, name in {
            'episode': 'episode', 'missing': 'missing_episode', 'away': 'away_episode',
        }.items() %}
            cast(sum({{ kind }}_count * {{ kind }}_count * child_count) as bigint)
                as {{ name }}_count_variance,
        {% endfor %}
    from children
    group by area_level_code, area_code, collection_year, population_code, basis_code
),

with_care as (
    select
        counted.*,
        spread.episode_count_variance,
        spread.missing_episode_count_variance,
        spread.away_episode_count_variance,
        children_in_care.children_count as looked_after_children_count,
    from counted
    inner join spread
        on
            counted.area_level_code = spread.area_level_code
            and counted.area_code = spread.area_code
            and counted.collection_year = spread.collection_year
            and counted.population_code = spread.population_code
            and counted.basis_code = spread.basis_code
    left join children_in_care
        on
            case counted.population_code
                when 'looked_after' then counted.area_level_code
            end = children_in_care.area_level_code
            and counted.area_code = children_in_care.area_code
            and counted.collection_year = children_in_care.collection_year
),

final as (
    select
        {{ joined_key([
            'with_care.area_level_code', 'with_care.area_code',
            'with_care.collection_year', 'with_care.population_code',
            'with_care.basis_code',
        ]) }} as area_measure_id,
        with_care.*,
        cast(with_care.missing_episode_count as double)
        / nullif(with_care.missing_children_count, 0)
            as missing_episodes_per_child,
        cast(with_care.away_episode_count as double)
        / nullif(with_care.away_children_count, 0)
            as away_episodes_per_child,
        cast(with_care.missing_children_count as double)
        / with_care.looked_after_children_count
            as missing_children_share,
        {{ wilson_columns(
            'missing_children_share',
            'least(missing_children_count, looked_after_children_count)',
            'looked_after_children_count'
        ) }},
        {{ coverage_columns() }},
    from with_care
    {{ join_coverage('with_care') }}
)

select * from final
