-- The register's codes as the department's values, and England's totals. A total says
-- of how many the register does not know the characteristic.
with

counted as (
    select * from {{ ref('int_characteristic_figures_counted') }}
),

nation as (
    select * from {{ ref('int_register_figures_listed') }}
    where area_level_code = 'nation'
),

national as (
    select * from {{ ref('int_national_figures_counted') }}
),

known_values as (
    select distinct
        characteristic_code,
        value_code,
        register_code,
    from {{ ref('map__published_characteristics') }}
    where value_code != 'every'
),

valued as (
    select
        counted.*,
        known_values.value_code,
    from counted
    left join known_values
        on
            counted.characteristic_code = known_values.characteristic_code
            and counted.register_code = known_values.register_code
),

final as (
    select
        collection_year,
        measure_code,
        characteristic_code,
        value_code,
        {% for basis in figure_bases() %}
            cast(sum({{ basis }}_figure) as double) as {{ basis }}_figure,
        {% endfor %}
        cast(null as double) as unknown_count,
        cast(0 as double) as carried_in_count,
        cast(0 as double) as flagged_row_count,
    from valued
    where value_code is not null
    group by collection_year, measure_code, characteristic_code, value_code
    union all
    select
        valued.collection_year,
        valued.measure_code,
        valued.characteristic_code,
        'every' as value_code,
        {% for basis in figure_bases() %}
            cast(sum(valued.{{ basis }}_figure) as double) as {{ basis }}_figure,
        {% endfor %}
        cast(
            sum(
                case
                    when valued.value_code is null then valued.register_figure
                    else 0
                end
            ) as double
        ) as unknown_count,
        coalesce(max(nation.carried_in_count), 0) as carried_in_count,
        coalesce(max(nation.flagged_row_count), 0) as flagged_row_count,
    from valued
    left join nation
        on
            valued.collection_year = nation.collection_year
            and valued.measure_code = nation.measure_code
    group by valued.collection_year, valued.measure_code, valued.characteristic_code
    union all
    select
        collection_year,
        measure_code,
        'every' as characteristic_code,
        'every' as value_code,
        register_figure,
        any_care_figure,
        return_figure,
        cast(0 as double) as unknown_count,
        carried_in_count,
        flagged_row_count,
    from nation
    union all
    select
        collection_year,
        measure_code,
        'every' as characteristic_code,
        'every' as value_code,
        register_figure,
        any_care_figure,
        return_figure,
        cast(0 as double) as unknown_count,
        cast(0 as double) as carried_in_count,
        cast(0 as double) as flagged_row_count,
    from national
)

select * from final
