{{ config(materialized='ephemeral') }}

-- Figures for England by characteristic, with register codes mapped to the department's
-- values. A total also includes absences and children whose characteristic is unknown.
with

absences as (
    select * from {{ ref('int_reconciled_absences') }}
),

-- Incidents are counted by a characteristic of the absence, children by a
-- characteristic of the child. A child counts once in each authority.
counted as (
    {{ characteristic_figures('absences', 'incidents', [
        'age_band', 'duration_band', 'placement_group', 'boundary',
    ]) }}
    union all
    {{ characteristic_figures('absences', 'children', [
        'sex', 'ethnicity_group', 'ethnicity',
    ]) }}
),

open_absences as (
    {{ absences_open_at_year_end(ref('int_open_absences')) }}
),

unaccompanied as (
    select * from {{ ref('int_child_versions') }}
    where valid_to is null and is_uasc
),

authority_years as (
    select * from {{ ref('int_authority_years') }}
    where is_in_being and coverage_code != 'none'
),

-- Figures that only the national release has: mean and median days of absence, and
-- unaccompanied children missing or away on 31 March.
national as (
    {% for measure, figure in {
        'days_mean': 'avg(#)',
        'days_median': quantile_of('#', 0.5),
    }.items() %}
        select
            collection_year,
            category_code || '_{{ measure }}' as measure_code,
            {% for basis in figure_bases() %}
                {{ figure | replace(
                    '#', 'case when is_' ~ basis ~ ' = 1 then day_count end'
                ) }} as {{ basis }}_figure,
            {% endfor %}
        from absences
        group by collection_year, category_code
        union all
    {% endfor %}
    select
        open_absences.collection_year,
        open_absences.category_authority_code || '_at_year_end_unaccompanied_children'
            as measure_code,
        count(
            distinct case
                when open_absences.care_status_code = 'looked_after'
                    then {{ joined_key([
                        'open_absences.authority_code_dfe',
                        'open_absences.child_id_register',
                    ]) }}
            end
        ) as register_figure,
        count(
            distinct {{ joined_key([
                'open_absences.authority_code_dfe', 'open_absences.child_id_register',
            ]) }}
        ) as any_care_figure,
        cast(null as bigint) as return_figure,
    from open_absences
    inner join unaccompanied
        on open_absences.child_id_register = unaccompanied.child_id_register
    inner join authority_years
        on
            open_absences.authority_code_dfe = authority_years.authority_code_dfe
            and open_absences.collection_year = authority_years.collection_year
    group by open_absences.collection_year, open_absences.category_authority_code
),

nation as (
    select * from {{ ref('int_register_figures') }}
    where area_level_code = 'nation'
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
