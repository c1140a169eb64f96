{#
    Thresholds used by the reasons for disagreement, in one row with a column for each code in
    `codes`: the import CTE `thresholds`. A code that the seed lacks gives null.
#}
{% macro reason_thresholds(seed, codes) -%}
    select
        {%- for code in codes %}
        max(case when threshold_code = '{{ code }}' then value end) as {{ code }},
        {%- endfor %}
    from {{ seed }}
{%- endmacro %}

{% macro month_of(day) -%}
    cast(date_trunc('month', {{ day }}) as date)
{%- endmacro %}

{#
    For each source, supplier and month: how many absences of looked-after children starting in that
    month the other source recorded (`known_count`), and how many of these the supplier recorded too
    (`held_count`). Brief missing absences are also counted separately (`brief_known_count`,
    `brief_held_count`). For the import CTE `recorded_months`.
#}
{% macro recorded_months(pairs, seed) -%}
    select
        watched.source,
        watched.supplier_code,
        watched.start_month,
        count(*) as known_count,
        sum(watched.held) as held_count,
        count(
            case
                when
                    watched.hours < thresholds.brief_hours
                    and watched.category_code = 'missing'
                    then 1
            end
        ) as brief_known_count,
        coalesce(sum(
            case
                when
                    watched.hours < thresholds.brief_hours
                    and watched.category_code = 'missing'
                    then watched.held
            end
        ), 0) as brief_held_count,
    from (
        {% for source, other in [('authority', 'police'), ('police', 'authority')] %}
            select
                '{{ source }}' as source,
                {{ 'authority_code_dfe' if source == 'authority' else 'police_force_code' }}
                    as supplier_code,
                start_month,
                held,
                category_code,
                hours,
            from {{ pairs }}
            where status in ('both', '{{ other }}_only')
            {{ 'union all' if not loop.last }}
        {% endfor %}
    ) as watched
    cross join ({{ reason_thresholds(seed, ['brief_hours']) }}) as thresholds
    group by watched.source, watched.supplier_code, watched.start_month
{%- endmacro %}
