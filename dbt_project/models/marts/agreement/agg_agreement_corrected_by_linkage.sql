{#
    Shares of absences recorded by both sources or by one alone, corrected in two steps.
    First, records of one child are joined if only their times kept them apart, or if
    one source recorded several absences as one. Then missed and false links are
    corrected, by a rule for each population.

    Error rates measured in this home give an estimate; an assumed range of rates gives
    only bounds. For all children, the police-only share is not corrected: on simulated
    nations, the correction brought it no nearer to the truth. The `when_expected`
    shares are of absences that both sources should record: the child is in care, and
    both sources have delivered data for that day.
#}
{% set statuses = agreement_statuses() %}
{% set kinds = ['both', 'police_only'] %}
{% set both = (
    'rule_code, joined_count, police_left_count, authority_left_count, '
    ~ 'both_factor_at_end'
) %}
{% set identity = [
    'agreement_cell_id', 'linkage_code', 'area_level_code', 'area_code',
    'collection_year', 'population_code', 'total_count',
] %}
with

counts as (
    select * from {{ ref('int_linkage_area_counts') }}
),

rates as (
    select
        * exclude (linkage_code, area_level_code, area_code),
        linkage_code || '|' || area_level_code || '|' || area_code as rates_key,
    from {{ ref('int_linkage_rates') }}
),

ends as (
    select * from {{ ref('int_correction_ends') }}
),

paired as (
    select
        *,
        least(timing_pair_count, police_only_count, authority_only_count)
            as paired_count,
    from counts
),

joined as (
    select
        *,
        both_count + paired_count + unit_pair_count as joined_count,
        police_only_count - paired_count as police_left_count,
        greatest(0, authority_only_count - paired_count - unit_pair_count)
            as authority_left_count,
        greatest(
            0,
            both_expected_count
            - both_when_expected_count
            - police_only_when_expected_count
            - paired_count
            - unit_pair_count
        ) as authority_expected_count,
        both_when_expected_count + paired_count + unit_pair_count
            as joined_expected_count,
        greatest(0, police_only_when_expected_count - paired_count)
            as police_expected_count,
        {{ function('correction_rule') }}(population_code) as rule_code,
    from paired
),

rated as (
    select
        joined.*,
        rates.*,
    from joined
    inner join rates
        on
            joined.linkage_code || '|' || joined.area_level_code || '|'
            || joined.area_code = rates.rates_key
),

spread_out as (
    select
        *,
        {{ function('children_error') }}(
            joined_squares, joined_count, least_recall
        ) as both_error,
        {{ function('children_error') }}(
            police_only_squares, police_left_count, least_recall
        )
            as police_only_error,
    from rated
),

-- Both correction factors at the lower and upper ends of their intervals. The intervals
-- are widened, because one missed link affects all absences of a child.
widened as (
    select
        *,
        {% for kind in kinds %}
            {% for end in ['lower', 'upper'] %}
                {{ function('factor_' ~ end) }}(
                    {{ kind }}_factor,
                    {{ kind }}_factor_{{ end }},
                    {{ kind }}_error,
                    link_precision_lower
                ) as {{ kind }}_factor_at_{{ end }},
            {% endfor %}
        {% endfor %}
    from spread_out
),

ended as (
    select
        widened.*,
        ends.*,
        {% for kind in kinds %}
            case {{ kind }}_end
                when 'lower' then {{ kind }}_factor_at_lower
                when 'upper' then {{ kind }}_factor_at_upper
                else {{ kind }}_factor
            end as {{ kind }}_factor_at_end,
        {% endfor %}
    from widened
    cross join ends
),

-- Corrected counts for each combination of the factors' lower ends, upper ends and
-- central estimates. A count at a central estimate is null if there is no such
-- estimate.
moved as (
    select
        *,
        {{ function('corrected_both') }}({{ both }}) as both_at_end,
        {{ function('corrected_police_only') }}({{ both }}, police_only_factor_at_end)
            as police_only_at_end,
        {{ function('corrected_authority_only') }}({{ both }}) as authority_only_at_end,
        {{ function('corrected_both') }}(
            rule_code,
            joined_expected_count,
            police_expected_count,
            authority_expected_count,
            both_factor_at_end
        ) as both_when_expected_at_end,
    from ended
),

shares as (
    select
        *,
        case share_code
            {% for share in statuses + ['both_when_expected'] %}
                when '{{ share }}' then {{ share }}_at_end
            {% endfor %}
        end as count_at_end,
        case
            when share_code != 'both_when_expected'
                then both_at_end + police_only_at_end + authority_only_at_end
            when rule_code = 'in_care'
                then
                    joined_expected_count
                    + authority_expected_count
                    + police_expected_count * police_only_factor_at_end
        end as total_at_end,
    from moved
),

shared as (
    select
        *,
        count_at_end / nullif(total_at_end, 0) as share_at_end,
        both_end = police_only_end and both_end = 'centre' as is_centre,
    from shares
),

-- Each share in three settings: both factors at their central estimates, one factor at
-- its ends, and both factors at their ends. The police-only share of all children is
-- left out, because it is not corrected.
spread as (
    select
        agreement_cell_id,
        share_code,
        max(case when is_centre then count_at_end end) as count_at_centre,
        max(case when is_centre then total_at_end end) as total_at_centre,
        max(case when is_centre then share_at_end end) as share,
        min(total_at_end) as least_total,
        {% for end, furthest in {'lower': 'min', 'upper': 'max'}.items() %}
            {% for place, condition in {
                'both_factor': "police_only_end = 'centre'",
                'police_only_factor': "both_end = 'centre'",
                'corner': "both_end != 'centre' and police_only_end != 'centre'",
            }.items() %}
                {{ furthest }}(case when {{ condition }} then share_at_end end)
                    as {{ place }}_{{ end }},
            {% endfor %}
        {% endfor %}
    from shared
    where rule_code = 'in_care' or share_code != 'police_only'
    group by agreement_cell_id, share_code
),

bounded as (
    select
        *,
        {{ bounds_over_ends() }}
    from spread
),

corrected as (
    select
        agreement_cell_id as cell_id,
        {{ corrected_columns() }}
    from bounded
    group by agreement_cell_id
),

united as (
    select
        widened.*,
        corrected.*,
    from widened
    left join corrected on widened.agreement_cell_id = corrected.cell_id
),

final as (
    select
        {{ (identity + ['both_count', 'police_only_count', 'authority_only_count'])
            | join(', ') }},
        {% for status in statuses -%}
            cast({{ status }}_count as double) / nullif(total_count, 0)
                as {{ status }}_share,
        {% endfor -%}
        both_expected_count,
        both_when_expected_count,
        police_only_when_expected_count,
        paired_count as timing_pair_count,
        unit_pair_count,
        case when rule_code is null then 'none' else basis_code end
            as linkage_basis_code,
        case
            when rule_code is null then 'none_' || population_code
            when corrected_both_count is null then 'bounds'
            else 'estimate'
        end as correction_code,
        recall_ratio,
        {% for name in ['link_precision', 'link_recall'] -%}
            {{ name }}, {{ name }}_lower, {{ name }}_upper,
        {% endfor -%}
        {% for name in ['both_factor', 'police_only_factor'] -%}
            {{ name }},
            {{ name }}_at_lower as {{ name }}_lower,
            {{ name }}_at_upper as {{ name }}_upper,
        {% endfor -%}
        both_error * joined_count as joined_error,
        {{ corrected_names() | join(', ') }},
    from united
)

select * from final
