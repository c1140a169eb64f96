{#
    The coded fields of an absence that only the police record. Each has the stem of its columns,
    its name in the contract and its vocabulary in the code map. Staging conforms the codes, and
    `fct_reports` has the conformed codes.
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

{# The times of an absence that only the police record, as field names without `_at`. #}
{% macro police_moments() -%}
    {{ return([
        'prevention_interview',
        'closed',
    ]) }}
{%- endmacro %}

{#
    The stems of the flags in `police_codes`, which episodes and measures have too. Each flag is
    yes, no, unknown or unmapped.
#}
{% macro police_flags() -%}
    {{ return([
        'harm_flag', 'fatal_flag', 'cse_flag', 'cce_flag', 'trafficking_flag',
        'mental_health_flag',
    ]) }}
{%- endmacro %}
