{#
    Functions of the database, created once at the start of a run (`on-run-start`), so that compiled
    SQL names a formula instead of repeating it. They live in the warehouse's own schema, never in a
    published file. A definition names its arguments and has the expression as its body:

        {% call database_function('double_of', ['amount']) %}2 * amount{% endcall %}

    Another engine writes `create function` here; expressions are those of any engine.
#}
{% macro database_function(name, arguments) -%}
    {{ adapter.dispatch('database_function')(name, arguments, caller()) }}
{%- endmacro %}

{% macro duckdb__database_function(name, arguments, expression) -%}
    create or replace macro {{ target.database }}.main.{{ name }}(
        {{- arguments | join(', ') -}}
    ) as (
        {{ expression | trim }}
    );
{%- endmacro %}

{# Spark's functions need the types of their arguments: `engines/spark` writes the body instead. #}
{% macro spark__database_function(name, arguments, expression) -%}
    create or replace macro {{ name }}({{ arguments | join(', ') }}) as (
        {{ expression | trim }}
    );
{%- endmacro %}

{# Every function of the project, each after those that it calls. #}
{% macro create_database_functions() -%}
    {{ moment_functions() }}
    {{ interval_functions() }}
    {{ collection_year_functions() }}
    {{ code_functions() }}
    {{ field_state_functions() }}
    {{ survivorship_functions() }}
    {{ agreement_functions() }}
    {{ category_functions() }}
    {{ deviance_functions() }}
    {{ likelihood_ratio_functions() }}
    {{ wilson_functions() }}
    {{ positive_agreement_functions() }}
    {{ cohens_kappa_functions() }}
    {{ gwets_ac1_functions() }}
    {{ agreement_interval_functions() }}
    {{ shrunk_share_functions() }}
    {{ chapman_functions() }}
    {{ linkage_correction_functions() }}
    {{ variance_recovery_functions() }}
    {{ student_t_functions() }}
    {{ limit_of_agreement_functions() }}
{%- endmacro %}
