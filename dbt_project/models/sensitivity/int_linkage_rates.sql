{{ config(materialized='ephemeral') }}

{#
    Precision and recall of links between the sources, weighted by the absences that the
    links create, and the correction factors that follow. The first available basis
    counts:

    - `clerical_sample`: a clerical sample of this home. It has only pairs that were
      scored, so the lower end of its recall is reduced by the share that may not have
      been scored.
    - `coincident_times`, only for the central threshold: recall from absences of this
      home that begin and end together; precision from the validation nations, within
      the assumed range.
    - `assumed_range`: a range that is wide enough for error processes unlike any
      measured.

    The recall of an area is then adjusted for the groups to which its children belong.
#}
{% set kinds = ['both', 'police_only'] %}
with

rates as (
    select * from {{ ref('int_clerical_linkage_rates') }}
),

ranges as (
    select * from {{ ref('ref__linkage_error_range') }}
),

recalls as (
    select * from {{ ref('int_linkage_recall_by_area') }}
),

coincidences as (
    select * from {{ ref('int_coincident_link_recall') }}
),

-- Where no judged pair creates a police-only absence, the rates for absences recorded
-- by both are used for police-only absences too.
sampled as (
    select
        ranges.area_level as area_level_code,
        both_rates.linkage_code,
        {% for rate in ['link_precision', 'link_recall'] %}
            {% for kind in kinds %}
                {% for end in ['', '_lower', '_upper'] %}
                    {% set column = rate ~ end %}
                    {% set reach = ' * (1 - ranges.unscored_share_upper)'
                        if column == 'link_recall_lower' else '' %}
                    coalesce(
                        {{ kind }}_rates.{{ column }}, both_rates.{{ column }}
                    ){{ reach }} as {{ kind }}_{{ column }},
                {% endfor %}
            {% endfor %}
        {% endfor %}
    from rates as both_rates
    cross join ranges
    left join rates as police_only_rates
        on
            both_rates.linkage_code = police_only_rates.linkage_code
            and police_only_rates.kind_code = 'police_only'
    where both_rates.kind_code = 'both'
),

witnessed as (
    select
        area_level_code,
        linkage_code,
        {% for rate in ['link_precision', 'link_recall'] %}
            {% for kind in kinds %}
                {% for end in ['', '_lower', '_upper'] %}
                    {{ rate ~ end }} as {{ kind }}_{{ rate ~ end }},
                {% endfor %}
            {% endfor %}
        {% endfor %}
    from coincidences
    where not exists (select 1 from sampled)
),

measured as (
    select
        'clerical_sample' as basis_code,
        *,
    from sampled
    union all
    select
        'coincident_times' as basis_code,
        *,
    from witnessed
),

thresholds as (
    {% for linkage in linkage_thresholds() %}
        select '{{ linkage }}' as linkage_code
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

by_level as (
    select
        thresholds.linkage_code,
        ranges.area_level as area_level_code,
        coalesce(measured.basis_code, 'assumed_range') as basis_code,
        measured.both_link_precision as link_precision,
        coalesce(measured.both_link_precision_lower, ranges.precision_lower)
            as link_precision_lower,
        coalesce(measured.both_link_precision_upper, ranges.precision_upper)
            as link_precision_upper,
        measured.both_link_recall as link_recall,
        coalesce(measured.both_link_recall_lower, ranges.recall_lower)
            as link_recall_lower,
        coalesce(measured.both_link_recall_upper, ranges.recall_upper)
            as link_recall_upper,
        {% for kind in kinds %}
            {% set precision = 'measured.' ~ kind ~ '_link_precision' %}
            {% set recall = 'measured.' ~ kind ~ '_link_recall' %}
            {{ precision }} / {{ recall }} as {{ kind }}_factor,
            coalesce(
                {{ function('ratio_lower') }}(
                    {{ precision }},
                    {{ precision }}_lower,
                    {{ recall }},
                    {{ recall }}_upper
                ),
                ranges.precision_lower / ranges.recall_upper
            ) as {{ kind }}_factor_lower,
            coalesce(
                {{ function('ratio_upper') }}(
                    {{ precision }},
                    {{ precision }}_upper,
                    {{ recall }},
                    {{ recall }}_lower
                ),
                ranges.precision_upper / ranges.recall_lower
            ) as {{ kind }}_factor_upper,
        {% endfor %}
    from thresholds
    cross join ranges
    left join measured
        on
            thresholds.linkage_code = measured.linkage_code
            and ranges.area_level = measured.area_level_code
),

-- Recall is multiplied by `recall_ratio`, which follows from the groups of the area's
-- children. The ratio may widen the interval but never narrow it: how well this home
-- links each group is not known.
final as (
    select
        by_level.linkage_code,
        by_level.area_level_code,
        recalls.area_code,
        by_level.basis_code,
        recalls.recall_ratio,
        by_level.link_precision,
        by_level.link_precision_lower,
        by_level.link_precision_upper,
        by_level.link_recall * least(recalls.recall_ratio, 1 / by_level.link_recall)
            as link_recall,
        by_level.link_recall_lower * least(1, recalls.recall_ratio)
            as link_recall_lower,
        coalesce(
            by_level.link_recall
            * least(recalls.recall_ratio, 1 / by_level.link_recall),
            by_level.link_recall_lower * least(1, recalls.recall_ratio)
        ) as least_recall,
        least(1, by_level.link_recall_upper * greatest(1, recalls.recall_ratio))
            as link_recall_upper,
        {% for kind in kinds %}
            greatest(
                by_level.link_precision,
                by_level.{{ kind }}_factor / recalls.recall_ratio
            ) as {{ kind }}_factor,
            greatest(
                by_level.link_precision_lower,
                by_level.{{ kind }}_factor_lower / greatest(1, recalls.recall_ratio)
            ) as {{ kind }}_factor_lower,
            by_level.{{ kind }}_factor_upper / least(1, recalls.recall_ratio)
                as {{ kind }}_factor_upper,
        {% endfor %}
    from by_level
    inner join recalls
        on
            by_level.linkage_code = recalls.linkage_code
            and by_level.area_level_code = recalls.area_level_code
)

select * from final
