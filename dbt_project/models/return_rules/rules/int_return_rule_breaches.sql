{%- set rule_codes = [
    '564', '565', '566', '567', '570', '571', '574', '575', '576', '577', '578', '580',
    '581', '586', '1004', '1005', '1006', '1012', 'INT04', 'INT13',
] -%}

-- The breaches of all rules, each for the years in which the rule is in force.
with

rules as (
    select * from {{ ref('ref__return_rules') }}
),

breaches as (
    {% for rule_code in rule_codes %}
        select * from {{ ref('int_return_rule_' ~ rule_code | lower) }}
        {%- if not loop.last %}
            union all
        {%- endif %}
    {% endfor %}
),

final as (
    select
        breaches.rule_code,
        breaches.supplier_code,
        breaches.period,
        breaches.table_name,
        breaches._delivery_id,
        breaches._file,
        breaches._row_number,
        breaches.column_name
    from breaches
    inner join rules on breaches.rule_code = rules.rule_code
    where
        breaches.period >= rules.first_collection_year
        and breaches.period <= coalesce(rules.last_collection_year, breaches.period)
)

select * from final
