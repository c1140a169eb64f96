-- Published figures are rounded. The register's figure agrees if it differs from the
-- published figure by no more than half the rounding unit.
with

published as (
    select * from {{ ref('int_published_figures') }}
),

counted as (
    select * from {{ ref('int_register_figures') }}
),

measures as (
    select * from {{ ref('map__published_measures') }}
),

authority_years as (
    select * from {{ ref('int_authority_years') }}
),

paired as (
    select
        published.published_figure,
        published.published_symbol_code,
        published.published_value,
        published.release_period,
        published.delivery_id,
        published.file_name,
        published.row_number,
        counted.register_figure,
        counted.any_care_figure,
        counted.return_figure,
        counted.carried_in_count,
        counted.flagged_row_count,
        coalesce(counted.authority_count, 0) as authority_count,
        coalesce(counted.full_year_count, 0) as full_year_count,
        coalesce(counted.part_year_count, 0) as part_year_count,
        coalesce(published.area_level_code, counted.area_level_code) as area_level_code,
        coalesce(published.area_code, counted.area_code) as area_code,
        coalesce(published.collection_year, counted.collection_year) as collection_year,
        coalesce(published.measure_code, counted.measure_code) as measure_code,
    from published
    full outer join counted
        on
            published.area_level_code = counted.area_level_code
            and published.area_code = counted.area_code
            and published.collection_year = counted.collection_year
            and published.measure_code = counted.measure_code
),

measured as (
    select
        paired.*,
        measures.category_code,
        measures.statistic_code,
        authority_years.is_in_being,
        case paired.area_level_code
            when 'authority' then measures.authority_unit
            else measures.area_unit
        end as rounding_unit,
        {{ comparable_figure(
            'paired.published_figure', 'paired.published_symbol_code'
        ) }} as compared_figure,
    from paired
    inner join measures on paired.measure_code = measures.measure_code
    left join authority_years
        on
            case paired.area_level_code when 'authority' then paired.area_code end
            = authority_years.authority_code_dfe
            and paired.collection_year = authority_years.collection_year
),

compared as (
    select
        *,
        register_figure - compared_figure as difference,
        {{ agrees_within_rounding('register_figure') }} as is_equal_within_rounding,
    from measured
),

final as (
    select
        {{ joined_key([
            'area_level_code', 'area_code', 'collection_year', 'measure_code',
        ]) }} as reconciliation_id,
        area_level_code,
        area_code,
        collection_year,
        measure_code,
        category_code,
        statistic_code,
        published_figure,
        published_symbol_code,
        register_figure,
        any_care_figure,
        return_figure,
        rounding_unit,
        difference,
        difference / nullif(compared_figure, 0) as relative_difference,
        is_equal_within_rounding,
        {{ reconciliation_reason() }} as reason_code,
        authority_count,
        full_year_count,
        part_year_count,
        release_period,
        delivery_id,
        file_name,
        row_number,
    from compared
)

select * from final
