-- Tests whether each interval contains the true share, and whether the correction gives
-- the true share if it uses the true error rates.
with

areas as (
    select * from {{ ref('int_authority_areas') }}
),

estimates as (
    select * from {{ ref('agg_agreement_corrected_by_linkage') }}
),

recorded as (
    select
        absence_id_truth,
        max(case when source = 'police' then 1 else 0 end) as police_count,
        max(case when source = 'authority' then 1 else 0 end) as authority_count,
    from {{ ref('int_true_absence_sources') }}
    group by absence_id_truth
),

-- Only absences that the register received: an absence in a refused or held delivery is
-- not a linkage error.
absences as (
    select
        truths.*,
        recorded.police_count,
        recorded.authority_count,
        case
            when truths.is_short_break then 'short_break'
            when truths.is_in_care then 'looked_after'
            else 'home'
        end as care_status_code,
    from {{ ref('stg_truth__absences') }} as truths
    inner join recorded on truths.absence_id_truth = recorded.absence_id_truth
),

populations as (
    select * from {{ ref('ref__populations') }}
),

tolerances as (
    {{ merge_tolerances(ref('ref__merge_tolerances')) }}
),

marked as (
    select
        absences.*,
        case
            when {{ function('hours_between') }}(
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
            max(police_count) as police_count,
            max(authority_count) as authority_count,
        from numbered
        group by person_id_truth, {{ unit }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- Counts absences by two rules. `simulated` counts each time away separately.
-- `register` joins two absences if the child returned for less than the police
-- tolerance, or if an authority recorded them as one absence. A short break does not
-- count as care.
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
        ruled.rule_code, areas.area_level_code, areas.area_code, ruled.collection_year,
        populations.population_code
),

method as (
    select * from {{ ref('int_corrected_at_true_rates') }}
),

counted as (
    select * from {{ ref('agg_agreement_by_linkage') }}
),

cells as (
    select
        estimates.*,
        truth.rule_code,
        truth.true_total_count,
        {% for status in agreement_statuses() -%}
            truth.true_{{ status }}_count,
        {% endfor -%}
        {% for status in agreement_statuses() -%}
            counted.{{ status }}_share_lower,
            counted.{{ status }}_share_upper,
            method.{{ status }}_share as {{ status }}_share_at_true_rates,
        {% endfor %}
    from truth
    inner join estimates
        on
            truth.area_level_code = estimates.area_level_code
            and truth.area_code = estimates.area_code
            and truth.collection_year = estimates.collection_year
            and truth.population_code = estimates.population_code
    inner join counted on estimates.agreement_cell_id = counted.agreement_cell_id
    inner join method on estimates.agreement_cell_id = method.agreement_cell_id
),

facing as (
    {% for status in agreement_statuses() %}
        select
            agreement_cell_id,
            rule_code,
            linkage_code,
            area_level_code,
            area_code,
            collection_year,
            population_code,
            '{{ status }}' as status,
            true_total_count,
            cast(true_{{ status }}_count as bigint) as true_count,
            cast(true_{{ status }}_count as double) / true_total_count as true_share,
            {{ status }}_count as counted_count,
            {{ status }}_share as counted_share,
            {{ status }}_share_lower as counted_share_lower,
            {{ status }}_share_upper as counted_share_upper,
            corrected_{{ status }}_share as corrected_share,
            corrected_{{ status }}_share_lower as corrected_share_lower,
            corrected_{{ status }}_share_upper as corrected_share_upper,
            {{ status }}_share_at_true_rates as share_at_true_rates,
            correction_code,
        from cells
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
        share_at_true_rates - true_share as error_at_true_rates,
    from facing
)

select * from final
