{# Reports in episodes. `meets_until_at` is the latest possible end or, without an end, start. #}
{% macro linkable_reports(intervals) -%}
    select
        mention_key,
        source,
        report_key,
        start_date,
        start_lower_at,
        coalesce(end_upper_at, start_upper_at) as meets_until_at,
    from {{ intervals }}
    where episode_exclusion_reason is null
{%- endmacro %}

{#
    How much a link between the sources changes agreement: one row per pair of mentions.
    `both_absence_count` is the number of police reports that overlap a report of the authority
    mention, so that the link makes them absences recorded by both. `police_only_absence_count` is
    the number of other police reports that start while the authority mention is in care, so that
    they become police-only absences in care. Pairs with neither are left out. Needs the import CTEs
    `reports` (`linkable_reports` of both sources) and `spells` (int_care_spells).
#}
{% macro linked_absences(pairs) -%}
    select
        *,
        pair_weight * both_absence_count as both_weight,
        pair_weight * police_only_absence_count as police_only_weight,
    from (
        select
            {{ pairs }}.*,
            joined.both_absence_count,
            joined.police_only_absence_count,
        from {{ pairs }}
        inner join (
            select
                left_mention_key,
                right_mention_key,
                sum(is_met) as both_absence_count,
                sum(case when is_met = 0 then is_in_care else 0 end)
                    as police_only_absence_count,
            from (
                select
                    facing.left_mention_key,
                    facing.right_mention_key,
                    police_reports.report_key,
                    max(case when authority_reports.report_key is null then 0 else 1 end)
                        as is_met,
                    max(case when spells.mention_key is null then 0 else 1 end) as is_in_care,
                from (
                    {%- for police, authority in [('left', 'right'), ('right', 'left')] %}
                    select
                        left_mention_key,
                        right_mention_key,
                        {{ police }}_mention_key as police_mention_key,
                        {{ authority }}_mention_key as authority_mention_key,
                    from {{ pairs }}
                    {{ 'union all' if not loop.last }}
                    {%- endfor %}
                ) as facing
                inner join reports as police_reports
                    on
                        facing.police_mention_key = police_reports.mention_key
                        and police_reports.source = 'police'
                left join reports as authority_reports
                    on
                        facing.authority_mention_key = authority_reports.mention_key
                        and authority_reports.source = 'authority'
                        and police_reports.start_lower_at <= authority_reports.meets_until_at
                        and police_reports.meets_until_at >= authority_reports.start_lower_at
                left join spells
                    on
                        facing.authority_mention_key = spells.mention_key
                        and not spells.is_short_break
                        and police_reports.start_date >= spells.spell_start_date
                        and police_reports.start_date
                        < coalesce(spells.spell_end_date, cast('9999-12-31' as date))
                group by
                    facing.left_mention_key,
                    facing.right_mention_key,
                    police_reports.report_key
            ) as met
            group by left_mention_key, right_mention_key
        ) as joined
            on
                {{ pairs }}.left_mention_key = joined.left_mention_key
                and {{ pairs }}.right_mention_key = joined.right_mention_key
    ) as counted
    where both_absence_count + police_only_absence_count > 0
{%- endmacro %}

{#
    Precision and recall of links between the sources, by threshold and kind of absence. A pair's
    weight w is its `pair_weight` times the absences of that kind that its link creates. The
    effective number of pairs is (Σw)² / Σw² (Kish 1965). Without a correct link there is no row.
#}
{% macro link_rates(pairs) -%}
    select
        linkage_code,
        kind_code,
        true_weight / linked_weight as link_precision,
        true_weight / truth_weight as link_recall,
        {%- for rate, side in {'precision': 'linked', 'recall': 'truth'}.items() %}
        {%- for end in ['lower', 'upper'] %}
        {{ function('wilson_' ~ end) }}(
            true_weight / {{ side }}_weight * {{ side }}_effective_count,
            {{ side }}_effective_count
        ) as link_{{ rate }}_{{ end }},
        {%- endfor %}
        {%- endfor %}
    from (
        select
            linkage_code,
            kind_code,
            {{ sum_where('is_linked', 'kind_weight') }} as linked_weight,
            {{ sum_where('is_true', 'kind_weight') }} as truth_weight,
            {{ sum_where('is_true and is_linked', 'kind_weight', 0) }} as true_weight,
            {%- for side, condition in {'linked': 'is_linked', 'truth': 'is_true'}.items() %}
            power({{ sum_where(condition, 'kind_weight') }}, 2)
            / nullif({{ sum_where(condition, 'power(kind_weight, 2)') }}, 0)
                as {{ side }}_effective_count,
            {%- endfor %}
        from (
            {%- for linkage in linkage_thresholds() %}
            {%- set last_linkage = loop.last %}
            {%- for kind in ['both', 'police_only'] %}
            select
                '{{ linkage }}' as linkage_code,
                '{{ kind }}' as kind_code,
                is_true,
                is_linked_{{ linkage }} as is_linked,
                {{ kind }}_weight as kind_weight,
            from {{ pairs }}
            {{ 'union all' if not (loop.last and last_linkage) }}
            {%- endfor %}
            {%- endfor %}
        ) as weighed
        group by linkage_code, kind_code
    ) as summed
    where true_weight > 0
{%- endmacro %}
