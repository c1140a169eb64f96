-- Simulated homes only: is the truth within the register's confidence interval?
with

areas as (
    select * from {{ ref('int_authority_areas') }}
),

estimates as (
    select * from {{ ref('agg_agreement_corrected_by_linkage') }}
),

absences as (
    select
        *,
        case
            when is_short_break then 'short_break'
            when is_in_care then 'looked_after'
            else 'home'
        end as care_status_code,
    from {{ ref('stg_truth__absences') }}
    where is_delivered_police or is_delivered_authority
),

populations as (
    select * from {{ ref('ref__populations') }}
),

tolerances as (
    {{ merge_tolerances() }}
),

marked as (
    select
        absences.*,
        case
            when hours_between(
                max(absences.end_at_local) over so_far, absences.start_at_local
            ) <= tolerances.tolerance_hours then 0
            when
                absences.recorded_absence_id_truth
                = lag(absences.recorded_absence_id_truth) over by_start
                then 0
            else 1
        end as is_first,
    from absences
    inner join tolerances on tolerances.source = 'police'
    window
        by_start as (
            partition by absences.person_id_truth
            order by absences.start_at_local, absences.absence_id_truth
        ),
        so_far as (
            partition by absences.person_id_truth
            order by absences.start_at_local, absences.absence_id_truth
            rows between unbounded preceding and 1 preceding
        )
),

numbered as (
    select
        *,
        sum(is_first) over (
            partition by person_id_truth
            order by start_at_local, absence_id_truth
            rows between unbounded preceding and current row
        ) as absence_number,
    from marked
),

ruled as (
    {% for rule, unit in {
        'register': 'absence_number', 'simulated': 'absence_id_truth',
    }.items() %}
        select
            '{{ rule }}' as rule_code,
            min(authority_code_dfe) as authority_code_dfe,
            min(collection_year) as collection_year,
            max(care_status_code) as care_status_code,
            max(case when is_delivered_police then 1 else 0 end) as police_count,
            max(case when is_delivered_authority then 1 else 0 end) as authority_count,
        from numbered
        group by person_id_truth, {{ unit }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- True status by first deliveries, by two counting rules: as simulated, each time away
-- counted separately; and by the register's rule, where a return shorter than the
-- police tolerance does not end an absence, and absences that an authority recorded as
-- one are one. A short break is not care.
truth as (
    select
        ruled.rule_code,
        areas.area_level_code,
        areas.area_code,
        ruled.collection_year,
        populations.population_code,
        count(*) as true_total_count,
        sum(ruled.police_count * ruled.authority_count) as true_both_count,
        sum(ruled.police_count * (1 - ruled.authority_count))
            as true_police_only_count,
        sum((1 - ruled.police_count) * ruled.authority_count)
            as true_authority_only_count,
    from ruled
    inner join areas on ruled.authority_code_dfe = areas.authority_code_dfe
    inner join populations
        on
            ruled.care_status_code = populations.care_status_code
            and not populations.is_out_of_area
    group by
        ruled.rule_code,
        areas.area_level_code,
        areas.area_code,
        ruled.collection_year,
        populations.population_code
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
