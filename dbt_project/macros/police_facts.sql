{#
    The coded fields that only the police record of an absence. The staging model of reports
    conforms each, and `fct_reports` has its conformed code. Each entry has the stem of the columns,
    the field of the contract, and the field's vocabulary in the code map.
#}
{% macro police_codes() -%}
    {{ return([
        ('risk_initial', 'risk_initial', 'risk'),
        ('risk_highest', 'risk_highest', 'risk'),
        ('risk_final', 'risk_final', 'risk'),
        ('harm_flag', 'harm_flag', 'flag'),
        ('fatal_flag', 'is_fatal', 'flag'),
        ('cse_flag', 'cse_flag', 'flag'),
        ('cce_flag', 'cce_flag', 'flag'),
        ('trafficking_flag', 'trafficking_flag', 'flag'),
        ('mental_health_flag', 'mental_health_flag', 'flag'),
        ('reported_by', 'reported_by', 'reported_by'),
        ('found_by', 'found_by', 'found_by'),
    ]) }}
{%- endmacro %}

{# The times that only the police record of an absence: field names without `_at`. #}
{% macro police_moments() -%}
    {{ return([
        'prevention_interview',
        'closed',
    ]) }}
{%- endmacro %}

{#
    The stems of the flags among them that episodes and measures have too: each flag is yes, no,
    unknown or unmapped.
#}
{% macro police_flags() -%}
    {{ return([
        'harm_flag', 'fatal_flag', 'cse_flag', 'cce_flag', 'trafficking_flag',
        'mental_health_flag',
    ]) }}
{%- endmacro %}
