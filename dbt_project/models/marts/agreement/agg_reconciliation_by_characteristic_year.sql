-- The register's count for each value of a characteristic, beside the published count.
-- A count is 0 if authorities delivered data and no absence has the value. A difference
-- without another reason has one of two more reasons: some values are unknown, or the
-- totals over all values differ as well.
with

published as (
    select * from {{ ref('int_published_characteristics') }}
),

figures as (
    select * from {{ ref('int_characteristic_figures') }}
),

nation as (
    select
        collection_year,
        max(authority_count) as authority_count,
        max(full_year_count) as full_year_count,
        max(part_year_count) as part_year_count,
        count(return_figure) > 0 as is_return_delivered,
    from {{ ref('int_register_figures') }}
    where area_level_code = 'nation'
    group by collection_year
),

paired as (
    select
        published.*,
        coalesce(nation.authority_count, 0) as authority_count,
        coalesce(nation.full_year_count, 0) as full_year_count,
        coalesce(nation.part_year_count, 0) as part_year_count,
        {{ characteristic_figure('register') }} as register_figure,
        {{ characteristic_figure('any_care') }} as any_care_figure,
        {{ characteristic_figure('return') }} as return_figure,
        coalesce(totals.unknown_count, 0) as unknown_count,
        coalesce(figures.carried_in_count, 0) as carried_in_count,
        coalesce(figures.flagged_row_count, 0) as flagged_row_count,
        -- These figures are for England, which exists in every year.
        -- `reconciliation_reason` needs the column.
        true as is_in_being,
        {{ comparable_figure(
            'published.published_figure', 'published.published_symbol_code'
        ) }} as compared_figure,
    from published
    left join nation on published.collection_year = nation.collection_year
    left join figures
        on
            published.collection_year = figures.collection_year
            and published.measure_code = figures.measure_code
            and published.characteristic_code = figures.characteristic_code
            and published.value_code = figures.value_code
    left join figures as totals
        on
            published.collection_year = totals.collection_year
            and published.measure_code = totals.measure_code
            and published.characteristic_code = totals.characteristic_code
            and totals.value_code = 'every'
),

compared as (
    select
        *,
        register_figure - compared_figure as difference,
        {{ agrees_within_rounding('register_figure') }} as is_equal_within_rounding,
    from paired
),

reasoned as (
    select
        *,
        {{ reconciliation_reason() }} as first_reason_code,
        {{ agrees_within_rounding('register_figure', 'unknown_count') }}
        and register_figure < compared_figure as is_within_unknown,
        max(
            case when value_code = 'every' and not is_equal_within_rounding then 1 end
        ) over (partition by collection_year, measure_code) = 1 as is_total_different,
    from compared
),

final as (
    select
        {{ joined_key([
            'collection_year', 'measure_code', 'characteristic_code', 'value_code',
        ]) }} as reconciliation_id,
        collection_year,
        measure_code,
        category_code,
        statistic_code,
        characteristic_code,
        value_code,
        published_figure,
        published_symbol_code,
        register_figure,
        any_care_figure,
        return_figure,
        unknown_count,
        rounding_unit,
        difference,
        difference / nullif(compared_figure, 0) as relative_difference,
        is_equal_within_rounding,
        -- Two reasons that apply only to the values of a characteristic, not to the
        -- total.
        case
            when
                coalesce(first_reason_code, 'equal') != 'unexplained'
                or value_code = 'every'
                then first_reason_code
            when unknown_count > 0 and is_within_unknown then 'characteristic_not_known'
            when is_total_different then 'follows_its_total'
            else first_reason_code
        end as reason_code,
        authority_count,
        full_year_count,
        part_year_count,
        release_period,
        delivery_id,
        file_name,
        row_number,
    from reasoned
)

select * from final
