{#
    Under what an absence is counted, by the rules of `ref__measures`.

    - `counted_category`: away is the department's, of a looked-after child, by its authority. No
      apparent risk is the police's, and is never counted as away. What no map knows is not known,
      and is never counted as missing.
    - `incident_risk_level`: the risk level of a police missing incident, which is no apparent risk,
      or the greatest severity of its reports above that. Null for what the police did not record as
      missing at any risk: absent, until 2016, was no missing incident.
#}
{% macro category_functions() -%}
    {% call database_function(
        'counted_category', ['category', 'care_code', 'police_category']
    ) %}
        case
            when category = 'missing' then 'missing'
            when category = 'away' and care_code = 'looked_after' then 'away'
            when category in ('no_apparent_risk', 'absent') then 'no_apparent_risk'
            when police_category in ('no_apparent_risk', 'absent') then 'no_apparent_risk'
            else 'not_known'
        end
    {% endcall %}
    {% call database_function('incident_risk_level', ['police_category', 'severity']) %}
        case
            when police_category = 'no_apparent_risk' then 'no_apparent'
            when coalesce(police_category, 'none') != 'missing' then null
            when severity = 1 then 'low'
            when severity = 2 then 'medium'
            when severity = 3 then 'high'
            else 'unknown'
        end
    {% endcall %}
{%- endmacro %}
