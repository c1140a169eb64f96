{#
    Each row measured by the rules of its attribute, in their order: the higher, the better. A rule
    of `ref__survivorship_rules` is what it is called here.
#}
{% set measures = {
    'authority_first': "case when given.source = 'authority' then 1 else 0 end",
    'no_default':
        "case when given.value_key like '%-01-01' or given.value_key like '%-07-01' "
        ~ "then 0 else 1 end",
    'most_often': 'count(*) over same_value',
    'latest_known':
        seconds_between("cast('1970-01-01' as timestamp)", 'given.known_at'),
    'latest_stated': "coalesce("
        ~ elapsed_days("cast('1900-01-01' as date)", 'given.stated_on') ~ ", 0)",
    'still_holds': 'case when given.ended_on is null then 1 else 0 end',
} %}
{% set places = [1, 2, 3, 4] %}
with

given as (
    select * from {{ ref('int_golden_values_collected') }}
),

rules as (
    select
        attribute_code,
        {% for place in places %}
            max(case when rule_place = {{ place }} then rule_code end)
                as rule_{{ place }},
        {% endfor %}
    from {{ ref('ref__survivorship_rules') }}
    group by attribute_code
),

final as (
    select
        given.*,
        {% for place in places %}
            rules.rule_{{ place }},
            coalesce(
                case rules.rule_{{ place }}
                    {% for rule_code, measure in measures.items() %}
                        when '{{ rule_code }}' then {{ measure }}
                    {% endfor %}
                end, 0
            ) as score_{{ place }},
        {% endfor %}
    from given
    inner join rules on given.attribute_code = rules.attribute_code
    window same_value as (
        partition by given.child_id_register, given.attribute_code, given.value_key
    )
)

select * from final
