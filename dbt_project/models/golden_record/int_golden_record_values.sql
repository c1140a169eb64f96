{#
    The only model that decides survivorship. It chooses the best row of each value, and
    the value with the best row is selected.
#}
{% set places = [1, 2, 3, 4] %}
{% set best_first %}
    score_1 desc, score_2 desc, score_3 desc, score_4 desc,
    source_rank desc, mention_key desc,
    _period_start desc, _delivery_id desc, _file desc, _row_number desc,
    attribute_value asc
{% endset %}
with

crosswalk as (
    select * from {{ ref('int_child_crosswalk') }}
),

given as (
    select * from {{ ref('int_person_attributes') }}
),

-- Every value of a child's attributes in the sources. Names that differ only in case or
-- punctuation have the same `value_key` and count as one value.
collected as (
    select
        crosswalk.child_id_register,
        given.*,
        case
            when given.attribute_code = 'name'
                then {{ words_of('given.attribute_value') }}
            else given.attribute_value
        end as value_key,
    from given
    inner join crosswalk on given.mention_key = crosswalk.mention_key
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

occurrences as (
    select
        child_id_register,
        attribute_code,
        value_key,
        count(*) as row_count,
    from collected
    group by child_id_register, attribute_code, value_key
),

-- Scores each row by the survivorship rules of its attribute, in their order. A higher
-- score is better.
measured as (
    select
        collected.*,
        occurrences.row_count,
        {% for place in places %}
            rules.rule_{{ place }},
            coalesce({{ function('survivorship_score') }}(
                rules.rule_{{ place }},
                collected.source,
                collected.value_key,
                occurrences.row_count,
                collected.known_at,
                collected.stated_on,
                collected.ended_on
            ), 0) as score_{{ place }},
        {% endfor %}
    from collected
    inner join rules on collected.attribute_code = rules.attribute_code
    inner join occurrences
        on
            collected.child_id_register = occurrences.child_id_register
            and collected.attribute_code = occurrences.attribute_code
            and collected.value_key = occurrences.value_key
),

-- Ranks the rows with the same value and mention. Only the best of these rows is sorted
-- further, because no other can be the best of its mention or value. This halves the
-- number of rows.
ranked as (
    select
        *,
        row_number() over (
            partition by child_id_register, attribute_code, value_key, mention_key
            order by {{ best_first }}
        ) as place_in_mention,
    from measured
),

-- One ranking of all rows of an attribute. The best row of any group is then the row
-- with the lowest `preference`.
ordered as (
    select
        *,
        row_number() over (
            partition by child_id_register, attribute_code
            order by {{ best_first }}
        ) as preference,
    from ranked
    where place_in_mention = 1
),

best_of_mentions as (
    select
        child_id_register,
        attribute_code,
        min(preference) as preference,
    from ordered
    group by child_id_register, attribute_code, mention_key
),

standing as (
    select
        ordered.child_id_register,
        ordered.attribute_code,
        ordered.value_key,
        count(*) as mention_count,
    from ordered
    inner join best_of_mentions
        on
            ordered.child_id_register = best_of_mentions.child_id_register
            and ordered.attribute_code = best_of_mentions.attribute_code
            and ordered.preference = best_of_mentions.preference
    group by ordered.child_id_register, ordered.attribute_code, ordered.value_key
),

best_of_values as (
    select
        child_id_register,
        attribute_code,
        min(preference) as preference,
    from ordered
    group by child_id_register, attribute_code, value_key
),

placed as (
    select
        ordered.*,
        coalesce(standing.mention_count, 0) as mention_count,
        row_number() over by_preference as value_rank,
        count(*) over same_attribute as value_count,
        count(standing.mention_count) over same_attribute > 1 as is_disputed,
        {% for place in places %}
            lead(ordered.score_{{ place }}) over by_preference
                as next_score_{{ place }},
        {% endfor %}
    from ordered
    inner join best_of_values
        on
            ordered.child_id_register = best_of_values.child_id_register
            and ordered.attribute_code = best_of_values.attribute_code
            and ordered.preference = best_of_values.preference
    left join standing
        on
            ordered.child_id_register = standing.child_id_register
            and ordered.attribute_code = standing.attribute_code
            and ordered.value_key = standing.value_key
    window
        same_attribute as (
            partition by ordered.child_id_register, ordered.attribute_code
        ),
        by_preference as (
            partition by ordered.child_id_register, ordered.attribute_code
            order by ordered.preference
        )
),

final as (
    select
        child_id_register,
        attribute_code,
        attribute_value,
        value_rank,
        value_count,
        is_disputed,
        mention_count,
        row_count,
        source,
        mention_key,
        _delivery_id,
        _row_number,
        known_at,
        stated_on,
        case
            when value_count = 1 then 'only_value'
            {% for place in places %}
                when score_{{ place }} > next_score_{{ place }} then rule_{{ place }}
            {% endfor %}
            when value_rank < value_count then 'order_of_records'
        end as rule_code,
    from placed
)

select * from final
