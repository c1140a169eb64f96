-- Releases differ in the order of their two category columns and in the numbers before
-- their headings, so names are compared by their words. The latest release counts.
with

figures as (
    select
        *,
        {{ published_words(dbt.split_part('measure_name', "' | '", 1)) }}
            as first_words,
        {{ published_words(dbt.split_part('measure_name', "' | '", 2)) }}
            as second_words,
    from {{ ref('stg_published_statistics__figures') }}
    where geographic_level_code = 'national'
),

headings as (
    select
        *,
        {{ published_words('heading_name') }} as heading_words,
    from {{ ref('map__published_headings') }}
),

characteristics as (
    select distinct
        heading_code,
        characteristic_code,
        value_code,
        measure_part,
        statistic_code,
        area_unit,
        {{ published_words('value_name') }} as value_words,
    from {{ ref('map__published_characteristics') }}
),

named as (
    select
        figures.*,
        headings.category_code,
        headings.counted_code,
        characteristics.characteristic_code,
        characteristics.value_code,
        characteristics.statistic_code,
        characteristics.area_unit as rounding_unit,
        case characteristics.measure_part
            when 'looked_after_children' then 'looked_after_children'
            else
                headings.category_code
                || '_'
                || coalesce(
                    nullif(characteristics.measure_part, ''), headings.counted_code
                )
        end as measure_code,
    from figures
    inner join headings
        on headings.heading_words in (figures.first_words, figures.second_words)
    inner join characteristics
        on
            headings.heading_code = characteristics.heading_code
            and characteristics.value_words
            = case headings.heading_words
                when figures.first_words then figures.second_words
                else figures.first_words
            end
),

ranked as (
    select
        *,
        row_number() over (
            partition by collection_year, measure_code, characteristic_code, value_code
            order by
                period desc,
                received_at desc,
                _delivery_id desc,
                _file desc,
                _row_number desc
        ) as release_rank,
    from named
),

final as (
    select
        collection_year,
        case measure_code
            when 'looked_after_children' then 'none'
            else category_code
        end as category_code,
        measure_code,
        characteristic_code,
        value_code,
        statistic_code,
        rounding_unit,
        figure as published_figure,
        symbol_code as published_symbol_code,
        period as release_period,
        _delivery_id as delivery_id,
        _file as file_name,
        _row_number as row_number,
    from ranked
    where release_rank = 1
)

select * from final
