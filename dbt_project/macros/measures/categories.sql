{#
    The category under which an absence is counted, by the rules of `ref__measures`. Away is the
    department's: of a looked-after child, by its authority. No apparent risk is the police's, and
    is never counted as away. What no map knows is not known, and is never counted as missing.
#}
{% macro counted_category(category, care_status, category_police=none) -%}
    case
        when {{ category }} = 'missing' then 'missing'
        when {{ category }} = 'away' and {{ care_status }} = 'looked_after' then 'away'
        when {{ category_police or category }} in ('no_apparent_risk', 'absent')
            then 'no_apparent_risk'
        else 'not_known'
    end
{%- endmacro %}

{#
    The risk level of a police missing incident: no apparent risk, or the greatest severity of its
    reports above that. Null for what the police did not record as missing at any risk: absent,
    until 2016, was no missing incident.
#}
{% macro incident_risk_level(category_police, severity) -%}
    case
        when {{ category_police }} = 'no_apparent_risk' then 'no_apparent'
        when coalesce({{ category_police }}, '') != 'missing' then null
        when {{ severity }} = 1 then 'low'
        when {{ severity }} = 2 then 'medium'
        when {{ severity }} = 3 then 'high'
        else 'unknown'
    end
{%- endmacro %}
