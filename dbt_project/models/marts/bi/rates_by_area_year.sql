-- A table, because a view would need seeds that the published file lacks. An interval
-- of children looked after is Wilson's, because the children missing are some of them.
-- Other counts are events: see the function `count_lower`.
{{ config(materialized='table') }}
{% set counts = {
    'children_missing': ['missing_children_count'] * 3,
    'episodes_missing': [
        'missing_episode_count', 'missing_episode_count_variance',
        'missing_children_count',
    ],
    'children_away': ['away_children_count'] * 3,
    'episodes_away': [
        'away_episode_count', 'away_episode_count_variance', 'away_children_count',
    ],
    'children_missing_or_away': ['children_count'] * 3,
    'episodes_missing_or_away': [
        'episode_count', 'episode_count_variance', 'children_count',
    ],
} %}
with

measures as (
    select * from {{ ref('agg_measures_by_area_year') }}
    where
        basis_code = 'register'
        and population_code in ('every_child', 'home', 'looked_after')
),

populations as (
    select * from {{ ref('int_area_child_populations') }}
),

vocabulary as (
    select * from {{ ref('ref__measures') }}
),

neighbours as (
    select * from {{ ref('ref__statistical_neighbours') }}
),

authority_areas as (
    select * from {{ ref('int_authority_areas') }}
),

areas as (
    select * from {{ ref('areas') }}
),

changed as (
    select * from {{ ref('int_area_recording_steps') }}
),

counted as (
    select
        measures.area_level_code,
        measures.area_code,
        measures.collection_year,
        measures.population_code,
        measures.is_year_delivered,
        cast(substr(measures.collection_year, 1, 4) as integer) as first_year,
        vocabulary.measure_code,
        vocabulary.measure_name,
        {% for column in ['measure_count', 'variance', 'counted_children_count'] %}
            {% set place = loop.index0 %}
            case vocabulary.measure_code
                {% for code, columns in counts.items() %}
                    when '{{ code }}' then measures.{{ columns[place] }}
                {% endfor %}
            end as {{ column }},
        {% endfor %}
        measures.population_code = 'looked_after'
        and vocabulary.measure_code like 'children%' as is_part,
        case
            when measures.population_code = 'looked_after'
                then measures.looked_after_children_count
            else populations.children_count
        end as denominator_count,
        case when measures.population_code = 'looked_after' then 100 else 1000 end
            as multiplier,
    from measures
    inner join vocabulary
        on
            vocabulary.measure_code in (
                {% for code in counts %}
                    '{{ code }}'{{ ',' if not loop.last }}
                {% endfor %}
            )
            and (
                measures.population_code = 'looked_after'
                or vocabulary.measure_code not in ('children_away', 'episodes_away')
            )
    left join populations
        on
            measures.area_level_code = populations.area_level_code
            and measures.area_code = populations.area_code
            and measures.collection_year = populations.collection_year
),

rated as (
    select
        *,
        case
            when not is_part or measure_count <= denominator_count
                then cast(measure_count as double) * multiplier
        end / nullif(denominator_count, 0) as rate,
        {% for end in ['lower', 'upper'] %}
            multiplier * case
                when not is_part
                    then {{ function('count_' ~ end) }}(
                        measure_count, variance, counted_children_count
                    ) / nullif(denominator_count, 0)
                when measure_count <= denominator_count
                    then {{ function('wilson_' ~ end) }}(
                        measure_count, denominator_count
                    )
            end as rate_{{ end }},
        {% endfor %}
    from counted
),

compared as (
    select
        rated.*,
        earlier.measure_count as earlier_measure_count,
        case
            when rated.rate is null or earlier.rate is null then null
            when not (rated.is_year_delivered and earlier.is_year_delivered) then null
            when changed.area_code is not null then 'recording_changed'
            when
                {{ function('is_clear_change') }}(
                    earlier.measure_count, earlier.variance, earlier.denominator_count,
                    rated.measure_count, rated.variance, rated.denominator_count
                )
                then case when rated.rate > earlier.rate then 'higher' else 'lower' end
            else 'no_clear_change'
        end as change_code,
    from rated
    left join rated as earlier
        on
            rated.area_level_code = earlier.area_level_code
            and rated.area_code = earlier.area_code
            and rated.first_year = earlier.first_year + 1
            and rated.population_code = earlier.population_code
            and rated.measure_code = earlier.measure_code
    left join changed
        on
            rated.area_code = changed.area_code
            and rated.collection_year = changed.collection_year
),

-- The areas with which an authority is compared, under the name of the comparison.
peers as (
    select
        'neighbour' as peer_code,
        authority_code_dfe,
        neighbour_code_dfe as peer_code_dfe,
    from neighbours
    union all
    select
        'region' as peer_code,
        own.authority_code_dfe,
        alike.authority_code_dfe as peer_code_dfe,
    from authority_areas as own
    inner join authority_areas as alike on own.area_code = alike.area_code
    where own.area_level_code = 'region' and alike.area_level_code = 'region'
),

-- A complete year is compared with complete years only.
medians as (
    select
        own.area_code,
        own.collection_year,
        own.population_code,
        own.measure_code,
        {% for peer in ['neighbour', 'region'] %}
            {{ quantile_of(
                "case when peers.peer_code = '" ~ peer ~ "' then alike.rate end", 0.5
            ) }} as {{ peer }}_median_rate,
            count(case when peers.peer_code = '{{ peer }}' then alike.rate end)
                as {{ peer }}_count,
        {% endfor %}
    from rated as own
    inner join peers on own.area_code = peers.authority_code_dfe
    inner join rated as alike
        on
            peers.peer_code_dfe = alike.area_code
            and own.area_level_code = alike.area_level_code
            and own.collection_year = alike.collection_year
            and own.population_code = alike.population_code
            and own.measure_code = alike.measure_code
            and own.is_year_delivered = alike.is_year_delivered
    where own.area_level_code = 'authority'
    group by own.area_code, own.collection_year, own.population_code, own.measure_code
),

final as (
    select
        {{ joined_key([
            'compared.area_level_code', 'compared.area_code',
            'compared.collection_year', 'compared.population_code',
            'compared.measure_code',
        ]) }} as area_rate_id,
        compared.area_level_code,
        compared.area_code,
        areas.area_name,
        compared.collection_year,
        compared.population_code,
        {{ label_of('compared.population_code', 'population') }} as population_name,
        compared.measure_code,
        compared.measure_name,
        compared.is_year_delivered,
        compared.measure_count,
        case compared.multiplier
            when 100 then 'per_100_looked_after_children' else 'per_1000_children'
        end as rate_unit_code,
        compared.denominator_count,
        compared.rate,
        compared.rate_lower,
        compared.rate_upper,
        compared.earlier_measure_count,
        compared.change_code,
        medians.neighbour_median_rate,
        coalesce(medians.neighbour_count, 0) as neighbour_count,
        medians.region_median_rate,
        coalesce(medians.region_count, 0) as region_count,
        max(case when compared.area_level_code = 'nation' then compared.rate end) over (
            partition by
                compared.collection_year,
                compared.population_code, compared.measure_code
        ) as nation_rate,
    from compared
    left join areas
        on
            compared.area_level_code = areas.area_level_code
            and compared.area_code = areas.area_code
    left join medians
        on
            case compared.area_level_code when 'authority' then compared.area_code end
            = medians.area_code
            and compared.collection_year = medians.collection_year
            and compared.population_code = medians.population_code
            and compared.measure_code = medians.measure_code
)

select * from final
