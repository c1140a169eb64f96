{#
    Linkage errors, counted in the same way wherever the truth about pairs is known: in a clerical
    sample (`sensitivity/`) and in a simulation (`evaluation/`).
#}
{% macro linkage_thresholds() -%}
    {{ return(['strict', 'central', 'loose']) }}
{%- endmacro %}

{# One row per threshold and mention, with the founding mention of its cluster. #}
{% macro founders_by_threshold(crosswalk, clusters) -%}
    select
        'central' as linkage_code,
        mention_key,
        founding_mention_key,
    from {{ crosswalk }}
    union all
    select
        linkage_code,
        mention_key,
        founding_mention_key,
    from {{ clusters }}
{%- endmacro %}

{#
    Judged pairs (`judged`, one row per pair) with their scope (between the sources, or within one),
    and whether each threshold links them. Needs the import CTEs `mentions` (int_clean_mentions) and
    `founders`.
#}
{% macro pairs_by_threshold(judged) -%}
    select
        {{ judged }}.*,
        case
            when left_mention.source != right_mention.source then 'between'
            else 'within_' || left_mention.source
        end as scope_code,
        {%- for linkage in linkage_thresholds() %}
        {{ linkage }}_left.founding_mention_key
        = {{ linkage }}_right.founding_mention_key as is_linked_{{ linkage }},
        {%- endfor %}
    from {{ judged }}
    inner join mentions as left_mention
        on {{ judged }}.left_mention_key = left_mention.mention_key
    inner join mentions as right_mention
        on {{ judged }}.right_mention_key = right_mention.mention_key
    {%- for linkage in linkage_thresholds() %}
    {%- for side in ['left', 'right'] %}
    inner join founders as {{ linkage }}_{{ side }}
        on
            {{ linkage }}_{{ side }}.linkage_code = '{{ linkage }}'
            and {{ judged }}.{{ side }}_mention_key = {{ linkage }}_{{ side }}.mention_key
    {%- endfor %}
    {%- endfor %}
{%- endmacro %}

{#
    True positives, false positives and false negatives by threshold and group, weighted by sampling
    weight. `pairs` has a pair once in every group to which either mention belongs, so groups may
    add up to more than the whole. The sums of squared weights are for the effective number of
    pairs, from which the confidence intervals are computed (Kish 1965).
#}
{% macro pair_errors(pairs) -%}
    {%- for linkage in linkage_thresholds() %}
    {%- set linked = 'is_linked_' ~ linkage %}
    select
        '{{ linkage }}' as linkage_code,
        'pair' as unit_code,
        grouping_code,
        group_value,
        {{ sum_where('is_true and ' ~ linked, 'pair_weight', 0) }} as true_weight,
        {{ sum_where('not is_true and ' ~ linked, 'pair_weight', 0) }} as false_weight,
        {{ sum_where('is_true and not ' ~ linked, 'pair_weight', 0) }} as missed_weight,
        {{ sum_where(linked, 'pair_weight * pair_weight', 0) }} as linked_squares,
        {{ sum_where('is_true', 'pair_weight * pair_weight', 0) }} as truth_squares,
    from {{ pairs }}
    group by grouping_code, group_value
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# Pairs for `pair_errors`: one row for each group of either mention, and one for the scope. #}
{% macro pairs_in_groups(pairs, mention_groups) -%}
    {%- for side in ['left', 'right'] %}
    select
        {{ pairs }}.*,
        {{ mention_groups }}.grouping_code,
        {{ mention_groups }}.group_value,
    from {{ pairs }}
    inner join {{ mention_groups }}
        on {{ pairs }}.{{ side }}_mention_key = {{ mention_groups }}.mention_key
    union distinct
    {%- endfor %}
    select
        {{ pairs }}.*,
        'sources' as grouping_code,
        scope_code as group_value,
    from {{ pairs }}
{%- endmacro %}

{# Counts of `pair_errors`, with the effective numbers of linked pairs and of true pairs. #}
{% macro with_effective_counts(counted) -%}
    select
        *,
        (true_weight + false_weight) * (true_weight + false_weight)
        / nullif(cast(linked_squares as double), 0) as linked_effective_count,
        (true_weight + missed_weight) * (true_weight + missed_weight)
        / nullif(cast(truth_squares as double), 0) as truth_effective_count,
    from {{ counted }}
{%- endmacro %}

{#
    Columns of a mart of linkage quality, from counts of `with_effective_counts`: precision and
    recall with Wilson intervals, by threshold, unit and group.
#}
{% macro linkage_quality_columns() -%}
    linkage_code as linkage,
    unit_code as unit,
    grouping_code as grouping,
    group_value,
    cast(round(true_weight) as bigint) as true_count,
    cast(round(false_weight) as bigint) as false_count,
    cast(round(missed_weight) as bigint) as missed_count,
    {%- for rate, side, rest in [
        ('precision', 'linked', 'false_weight'), ('recall', 'truth', 'missed_weight')
    ] %}
    {%- set share -%}
        true_weight / nullif(cast(true_weight + {{ rest }} as double), 0)
    {%- endset %}
    {{ share }} as {{ rate }},
    {%- for end in ['lower', 'upper'] %}
    {{ function('wilson_' ~ end) }}({{ share }} * {{ side }}_effective_count, {{ side }}_effective_count)
        as {{ rate }}_{{ end }},
    {%- endfor %}
    {%- endfor %}
{%- endmacro %}
