{#
    Absences recorded by both sources or by one, after joining two records of one child that only
    time kept apart and correcting for missed and false links by the rule of the population. An
    estimate needs error rates of this home; an assumed range of rates gives bounds alone. Of every
    child the share of the police alone is not corrected: on simulated nations that brought it no
    nearer to the truth. In care an absence is expected of both sources on the days that both have
    delivered.
#}
{% set statuses = agreement_statuses() %}
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
        correction_rule(population_code) as rule_code,
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

widened as (
    {{ with_factors('rated') }}
),

moved as (
    {{ counts_at_every_end('widened') }}
),

shares as (
    {{ shares_at_every_end('moved') }}
),

spread as (
    {{ spread_over_ends('shares') }}
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
