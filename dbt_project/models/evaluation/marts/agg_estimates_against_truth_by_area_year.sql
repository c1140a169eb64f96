-- In a simulated home alone: is the truth where the register says that it lies?
with

truth as (
    select * from {{ ref('int_true_agreement') }}
),

estimates as (
    select * from {{ ref('agg_agreement_corrected_by_linkage') }}
),

counted as (
    select
        agreement_cell_id,
        both_share_lower,
        both_share_upper,
        police_only_share_lower,
        police_only_share_upper,
        authority_only_share_lower,
        authority_only_share_upper,
    from {{ ref('agg_agreement_by_linkage') }}
),

facing as (
    {% for status in agreement_statuses() %}
        select
            estimates.agreement_cell_id,
            truth.rule_code,
            estimates.linkage_code,
            truth.area_level_code,
            truth.area_code,
            truth.collection_year,
            truth.population_code,
            '{{ status }}' as status,
            truth.true_total_count,
            cast(truth.true_{{ status }}_count as bigint) as true_count,
            cast(truth.true_{{ status }}_count as double) / truth.true_total_count
                as true_share,
            estimates.{{ status }}_count as counted_count,
            estimates.{{ status }}_share as counted_share,
            counted.{{ status }}_share_lower as counted_share_lower,
            counted.{{ status }}_share_upper as counted_share_upper,
            estimates.corrected_{{ status }}_share as corrected_share,
            estimates.corrected_{{ status }}_share_lower as corrected_share_lower,
            estimates.corrected_{{ status }}_share_upper as corrected_share_upper,
        from truth
        inner join estimates
            on
                truth.area_level_code = estimates.area_level_code
                and truth.area_code = estimates.area_code
                and truth.collection_year = estimates.collection_year
                and truth.population_code = estimates.population_code
        inner join counted
            on estimates.agreement_cell_id = counted.agreement_cell_id
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (
    select
        {{ joined_key(['rule_code', 'agreement_cell_id', 'status']) }} as estimate_id,
        *,
        true_share between counted_share_lower and counted_share_upper
            as is_counted_within,
        true_share between corrected_share_lower and corrected_share_upper
            as is_corrected_within,
        counted_share - true_share as counted_error,
        corrected_share - true_share as corrected_error,
    from facing
)

select * from final
