{#
    Labels of codes that have no dimension of their own, in the order in which readers expect them.
    A code that is not listed has no label: the rules of the `bi` schema report it.
#}
{% macro code_labels(kind) -%}
    {{ return({
        'area_level': {
            'nation': 'Nation',
            'region': 'Region',
            'sub_region': 'Part of London',
            'authority': 'Local authority',
            'police_force': 'Police force',
        },
        'population': {
            'every_child': 'Every child',
            'looked_after': 'Looked after',
            'out_of_area': 'Looked after, placed outside the authority',
            'home': 'Not looked after',
            'unknown': 'Care status not known',
            'short_break': 'On a short break',
        },
        'characteristic': {
            'age_band': 'Age at the start of the absence',
            'sex': 'Sex',
            'ethnicity_group': 'Ethnic group',
            'duration_band': "Days between start date and end date (department's bands)",
            'placement_group': 'Type of placement',
            'boundary': 'Placed inside or outside the authority',
        },
        'age_band': {
            'under_1': 'Under 1',
            '1_to_4': '1 to 4',
            '5_to_9': '5 to 9',
            '10_to_15': '10 to 15',
            '16_and_over': '16 and over',
            'unknown': 'Not known',
        },
        'sex': {
            'female': 'Female',
            'male': 'Male',
            'indeterminate': 'Indeterminate',
            'unmapped': 'Not a known code',
            'unknown': 'Not known',
        },
        'ethnicity_group': {
            'white': 'White',
            'mixed': 'Mixed',
            'asian': 'Asian',
            'black': 'Black',
            'other': 'Other',
            'unmapped': 'Not a known code',
            'unknown': 'Not known',
        },
        'duration_band': {
            'under_1_day': 'Under 1 day',
            '1_to_2_days': '1 to 2 days',
            '3_to_7_days': '3 to 7 days',
            '8_to_10_days': '8 to 10 days',
            '11_to_15_days': '11 to 15 days',
            '16_to_20_days': '16 to 20 days',
            '21_to_30_days': '21 to 30 days',
            'over_30_days': 'Over 30 days',
            'unknown': 'Not known',
        },
        'placement_group': {
            'foster': 'Foster carers',
            'childrens_home': "Children's home",
            'independent': 'Independent or semi-independent living',
            'residential': 'Other residential setting',
            'school': 'Residential school',
            'parents': 'With parents',
            'adoption': 'Placed for adoption',
            'temporary': 'Temporary move',
            'other': 'Other',
            'unmapped': 'Not a known code',
            'unknown': 'Not known',
        },
        'boundary': {
            'inside': 'Inside the authority',
            'outside': 'Outside the authority',
            'unknown': 'Not known',
        },
        'counted_category': {
            'missing': 'Missing',
            'away': 'Away from placement without authorisation',
            'no_apparent_risk': 'No apparent risk',
            'not_known': 'Not known',
        },
        'source_status': {
            'both': 'Both sources',
            'police_only': 'Police only',
            'authority_only': 'Authority only',
        },
        'coverage': {
            'delivered': 'Delivered in time',
            'late': 'Delivered late',
            'held': 'Waits for a decision',
            'withdrawn': 'Withdrawn',
            'rejected': 'Rejected',
            'never': 'Not delivered',
        },
        'feed': {
            'police_reports': 'Police reports',
            'authority_extract': 'Authority extract',
            'authority_return': 'Authority return (SSDA903)',
            'published_statistics': 'Published statistics',
            'unknown': 'Not known',
        },
    }[kind]) }}
{%- endmacro %}

{# The labels of all characteristics' values. Values that tell a reader little come last. #}
{% macro value_labels() -%}
    {%- set found = {} -%}
    {%- for characteristic in code_labels('characteristic') -%}
        {%- for code, label in code_labels(characteristic).items() -%}
            {%- do found.pop(code, none) -%}
            {%- do found.update({code: label}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for code in ['other', 'unmapped', 'unknown'] -%}
        {%- do found.update({code: found.pop(code)}) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{# The label of a code of a kind, or of a value of any characteristic. Null if there is none. #}
{% macro label_of(column, kind) -%}
    {%- set labels = value_labels() if kind == 'value' else code_labels(kind) -%}
    case {{ column }}
        {%- for code, label in labels.items() %}
        when '{{ code }}' then '{{ label | replace("'", "''") }}'
        {%- endfor %}
    end
{%- endmacro %}
