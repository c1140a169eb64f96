{{ config(materialized='ephemeral') }}

-- Recall of links between the sources: the share of true links that are made. The
-- evidence is time, which linkage does not use. If two children, each known to one
-- source alone, repeatedly go missing together, they may be one child whose link is
-- missing. As many pairs as chance would give are subtracted: pairs whose absences
-- coincide after a shift by whole weeks. Links that were made are counted as children
-- known to both sources whose records coincide as closely and as often. Children are
-- counted rather than absences, because a missed link affects all of a child's
-- absences. Only children of one police force are compared, so that chance and work
-- grow with the number of forces, not with its square.
{% set z = var('interval_z') ~ 'e0' %}
{% set weeks = [-4, -3, -2, -1, 0, 1, 2, 3, 4] %}
with

agreement_rows as (
    select * from {{ ref('int_agreement_rows') }}
    where episode_id_register is not null
),

ranges as (
    select * from {{ ref('ref__linkage_error_range') }}
),

held_out as (
    select
        linkage_code,
        sum(true_count) / cast(sum(true_count + false_count) as double)
            as link_precision,
    from {{ ref('ref__linkage_quality_held_out') }}
    where
        nation_code = 'validation'
        and scope_code = 'between'
        and grouping_code = 'all'
    group by linkage_code
),

thresholds as (
    {{ reason_thresholds(ref('ref__reason_thresholds'), [
        'coincident_hours', 'coincident_absence_count', 'coincident_linked_count',
        'age_conflict_days'
    ]) }}
),

linked_children as (
    select agreement_rows.child_id_register
    from agreement_rows
    cross join thresholds
    where
        agreement_rows.status = 'both'
        and agreement_rows.police_force_code
        = coalesce(
            agreement_rows.host_police_force_code, agreement_rows.police_force_code
        )
        and not agreement_rows.authority_is_dated_only
        and not agreement_rows.police_is_dated_only
        and abs(agreement_rows.start_difference_hours) <= thresholds.coincident_hours
        and abs(agreement_rows.end_difference_hours) <= thresholds.coincident_hours
    group by agreement_rows.child_id_register
    having count(*) >= min(thresholds.coincident_absence_count)
),

linked as (
    select count(*) as linked_count
    from linked_children
),

weeks as (
    {% for week in weeks %}
        select {{ week }} as weeks_later
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

nearby as (
    {% for step in [-1, 0, 1] %}
        select {{ step }} as step
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

police_rows as (
    select
        agreement_rows.child_id_register,
        agreement_rows.police_force_code,
        agreement_rows.birth_date,
        agreement_rows.police_start_lower_at as starts_at,
        agreement_rows.police_end_lower_at as ends_at,
        cast(floor(
            {{ function('hours_between') }}(
                cast('2000-01-01' as timestamp), agreement_rows.police_start_lower_at
            ) / thresholds.coincident_hours
        ) as bigint) as place,
    from agreement_rows
    cross join thresholds
    where
        agreement_rows.status = 'police_only'
        and agreement_rows.care_status_code != 'looked_after'
        and not agreement_rows.police_is_dated_only
),

authority_rows as (
    select
        agreement_rows.agreement_id,
        agreement_rows.child_id_register,
        agreement_rows.police_force_code,
        agreement_rows.birth_date,
        weeks.weeks_later,
        {% for event in ['start', 'end'] %}
            {{ dbt.dateadd(
                'day', '7 * weeks.weeks_later', 'agreement_rows.authority_' ~ event ~ '_lower_at'
            ) }} as {{ event }}s_at,
        {% endfor %}
    from agreement_rows
    cross join weeks
    where
        agreement_rows.status = 'authority_only'
        and not agreement_rows.authority_is_dated_only
),

placed as (
    select
        authority_rows.*,
        cast(floor(
            {{ function('hours_between') }}(
                cast('2000-01-01' as timestamp), authority_rows.starts_at
            ) / thresholds.coincident_hours
        ) as bigint) + nearby.step as place,
    from authority_rows
    cross join thresholds
    cross join nearby
),

child_pairs as (
    select
        placed.child_id_register,
        police_rows.child_id_register as police_child_id,
        placed.weeks_later,
    from placed
    cross join thresholds
    inner join police_rows
        on
            placed.place = police_rows.place
            and placed.police_force_code = police_rows.police_force_code
    where
        placed.child_id_register != police_rows.child_id_register
        and abs({{ function('hours_between') }}(
            placed.starts_at, police_rows.starts_at
        ))
        <= thresholds.coincident_hours
        and abs({{ function('hours_between') }}(placed.ends_at, police_rows.ends_at))
        <= thresholds.coincident_hours
        and abs({{ function('hours_between') }}(
            cast(placed.birth_date as timestamp),
            cast(police_rows.birth_date as timestamp)
        )) <= 24 * thresholds.age_conflict_days
    group by
        placed.child_id_register, police_rows.child_id_register, placed.weeks_later
    having
        count(distinct placed.agreement_id)
        >= min(thresholds.coincident_absence_count)
),

coincidences as (
    select distinct
        child_id_register,
        weeks_later,
    from child_pairs
),

counted as (
    select
        count(case when weeks_later = 0 then 1 end) as coincident_count,
        count(case when weeks_later != 0 then 1 end) / {{ weeks | length - 1 }}.0
            as chance_count,
    from coincidences
),

missed as (
    select
        linked.linked_count,
        counted.chance_count,
        greatest(counted.coincident_count - counted.chance_count, 0.0) as missed_count,
    from linked
    cross join counted
    cross join thresholds
    where linked.linked_count >= thresholds.coincident_linked_count
),

-- Score interval of a Poisson count above a known background, the count due to chance.
bounded as (
    select
        *,
        {% for end, sign in [('lower', '-'), ('upper', '+')] %}
            greatest(
                missed_count
                + {{ z }} * {{ z }} / 2
                {{ sign }} {{ z }} * sqrt(
                    missed_count + chance_count + {{ z }} * {{ z }} / 4
                ),
                0.0
            ) as missed_count_{{ end }},
        {% endfor %}
    from missed
),

recalls as (
    select
        linked_count / (linked_count + missed_count) as link_recall,
        linked_count / (linked_count + missed_count_upper) as link_recall_lower,
        linked_count / (linked_count + missed_count_lower) as link_recall_upper,
    from bounded
),

-- How much recall differs between areas is not measured. So below the national level,
-- the lower end is reduced in the same proportion as that of the assumed range. The
-- upper end is 1.
final as (
    select
        ranges.area_level as area_level_code,
        held_out.linkage_code,
        held_out.link_precision,
        ranges.precision_lower as link_precision_lower,
        ranges.precision_upper as link_precision_upper,
        recalls.link_recall,
        recalls.link_recall_lower * ranges.recall_lower / nation_ranges.recall_lower
            as link_recall_lower,
        case
            when ranges.recall_lower < nation_ranges.recall_lower then 1.0
            else recalls.link_recall_upper
        end as link_recall_upper,
    from recalls
    cross join ranges
    inner join ranges as nation_ranges on nation_ranges.area_level = 'nation'
    inner join held_out on held_out.linkage_code = 'central'
)

select * from final
