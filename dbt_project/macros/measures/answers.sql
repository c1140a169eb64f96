{#
    Combine the answers of a group of rows: yes if any is yes, or else no, not_applicable or
    unknown, in this order.
#}
{% macro best_answer(column) -%}
    case max(
        case {{ column }} when 'yes' then 3 when 'no' then 2 when 'not_applicable' then 1 end
    )
        when 3 then 'yes'
        when 2 then 'no'
        when 1 then 'not_applicable'
        else 'unknown'
    end
{%- endmacro %}

{#
    Whether interviews of a group of rows were held in time: yes if one was. Otherwise unknown if
    one may have been, or else no if one was late. Unknown in all other cases.
#}
{% macro answer_in_time(flag) -%}
    case
        when count(case when {{ flag }} then 1 end) > 0 then 'yes'
        when count(case when held_code = 'yes' and {{ flag }} is null then 1 end) > 0
            then 'unknown'
        when count({{ flag }}) > 0 then 'no'
        else 'unknown'
    end
{%- endmacro %}

{#
    One row per absence with return interviews, with the combined answer to each question. Without
    `has_time`, whether an interview was held in time is left out.
#}
{% macro answers_by_episode(interviews, has_time=true) -%}
    select
        episode_id_register,
        {{ best_answer('offered_code') }} as offered_code,
        {{ best_answer('acceptance_code') }} as acceptance_code,
        {{ best_answer('held_code') }} as held_code,
        {% if has_time %}
            {{ answer_in_time('is_within_72_hours') }} as within_72_hours_code,
        {% endif %}
    from {{ interviews }}
    where episode_id_register is not null
    group by episode_id_register
{%- endmacro %}

{#
    Counts of yes, no and any other answer where `condition` is true: `<name>_count`,
    `not_<name>_count` and `<name>_unknown_count`.
#}
{% macro answer_counts(column, name, condition=none) -%}
    {%- set among = ' and ' ~ condition if condition else '' -%}
    count(case when {{ column }} = 'yes'{{ among }} then 1 end) as {{ name }}_count,
    count(case when {{ column }} = 'no'{{ among }} then 1 end) as not_{{ name }}_count,
    count(
        case when coalesce({{ column }}, 'unknown') not in ('yes', 'no'){{ among }} then 1 end
    ) as {{ name }}_unknown_count
{%- endmacro %}

{# A share with its Wilson interval: `<name>`, `<name>_lower`, `<name>_upper`. #}
{% macro share_columns(name, part, whole) -%}
    cast({{ part }} as double) / nullif({{ whole }}, 0) as {{ name }},
    {{ wilson_columns(name, part, whole) }}
{%- endmacro %}

{# Whether the return interview of a row of `interviews` was offered, and accepted. #}
{% macro offer_columns() -%}
    case
        when interviews.held_at is not null or interviews.offered_at is not null
            then 'yes'
        else interviews.interview_offered_code
    end as offered_code,
    case
        when interviews.held_at is not null then 'yes'
        when interviews.accepted_code != 'unknown' then interviews.accepted_code
        else interviews.interview_accepted_code
    end as acceptance_code
{%- endmacro %}

{# Whether a return interview is still owed: none was held, and no offered one was declined. #}
{% macro is_interview_owed(is_offered) -%}
    coalesce(held_code, 'unknown') != 'yes'
    and not ({{ is_offered }} and coalesce(acceptance_code, 'unknown') = 'no')
{%- endmacro %}
