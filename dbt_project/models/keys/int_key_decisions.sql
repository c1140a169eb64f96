-- Every decision about two mentions, including replaced ones. The reason is a person's
-- own words: it is withheld where it contains a figure or a name of either child, since
-- it is published.
with

decisions as (
    select * from {{ ref('stg_decisions__links') }}
),

in_force as (
    select * from {{ ref('int_link_decisions') }}
),

crosswalk as (
    select * from {{ ref('int_child_crosswalk') }}
),

versions as (
    select * from {{ ref('int_person_versions') }}
),

placed as (
    select
        decisions.*,
        {{ register_key('M', 'decisions.left_mention_key') }}
            as left_mention_id_register,
        {{ register_key('M', 'decisions.right_mention_key') }}
            as right_mention_id_register,
        left_side.child_id_register as left_child_id_register,
        right_side.child_id_register as right_child_id_register,
        in_force.decision is not null as is_in_force,
    from decisions
    left join crosswalk as left_side
        on decisions.left_mention_key = left_side.mention_key
    left join crosswalk as right_side
        on decisions.right_mention_key = right_side.mention_key
    left join in_force
        on
            decisions.decided_at = in_force.decided_at
            and decisions.decision = in_force.decision
            and least(decisions.left_mention_key, decisions.right_mention_key)
            = in_force.left_mention_key
            and greatest(decisions.left_mention_key, decisions.right_mention_key)
            = in_force.right_mention_key
),

name_words as (
    select
        crosswalk.child_id_register,
        {{ split_parts("replace(trim(" ~ words_of(
            "coalesce(versions.forenames, '') || ' ' || coalesce(versions.surname, '')"
        ) ~ "), ' ', '|')") }} as name_word,
    from versions
    inner join crosswalk on versions.mention_key = crosswalk.mention_key
),

naming as (
    select distinct placed._row_number
    from placed
    inner join name_words
        on
            name_words.child_id_register
            in (placed.left_child_id_register, placed.right_child_id_register)
            and name_words.name_word != ''
            and position(
                ' ' || name_words.name_word || ' ' in {{ words_of('placed.reason') }}
            ) > 0
),

final as (
    select
        placed._row_number,
        placed.decided_at,
        placed.decided_by,
        placed.decision,
        placed.is_in_force,
        placed.left_mention_id_register,
        placed.right_mention_id_register,
        placed.left_child_id_register,
        placed.right_child_id_register,
        case
            when
                naming._row_number is not null
                or regexp_replace(placed.reason, '[0-9]', '', 'g') != placed.reason
                then 'withheld'
            else placed.reason
        end as reason,
    from placed
    left join naming on placed._row_number = naming._row_number
)

select * from final
