-- An authority's year is replaced if the previous release does not have the year at
-- all. It is also replaced if the episodes of more than `most_children` children differ
-- and the year is not before `least_year`. Otherwise the whole year is carried over:
-- the difference between two releases is also a count, which could identify children.
-- A release that did not count months lacks some facts and some narrow bands of hours.
-- These are not compared with it. See docs/reference/statistics/revisions.md.
{% set least_year = env_var('REGISTER_FIRST_REPLACED_YEAR', '0') %}
{% set facts = [
    'start_month', 'outcome', 'legal_status', 'unaccompanied', 'trafficking_risk',
] %}
{% set most_children = env_var('REGISTER_REVISION_CHILDREN_MOST', '7') %}
with

drawn as (
    select * from {{ ref('fct_publication_episodes') }}
),

earlier as (
    {{ earlier_rows('fct_publication_base', 'drawn') }}
),

earlier_years as (
    select distinct reporting_year from earlier
),

facts_of_earlier as (
    select count(start_month) > 0 as are_counted from earlier
),

{% for rows in ['drawn', 'earlier'] %}
    comparable_{{ rows }} as (
        select
            {{ rows }}.* replace (
                case
                    when facts_of_earlier.are_counted then {{ rows }}.hours_band
                    when {{ rows }}.hours_band in ('8_to_16_hours', '16_to_24_hours')
                        then '8_to_24_hours'
                    when {{ rows }}.hours_band = 'over_48_hours'
                        then 'over_24_hours'
                    else {{ rows }}.hours_band
                end as hours_band,
                {% for fact in facts %}
                    case
                        when facts_of_earlier.are_counted then {{ rows }}.{{ fact }}
                    end as {{ fact }},
                {% endfor %}
            ),
        from {{ rows }}
        cross join facts_of_earlier
    ),

{% endfor %}
added as (
    select * from comparable_drawn
    except
    select * from comparable_earlier
),

removed as (
    select * from comparable_earlier
    except
    select * from comparable_drawn
),

changed as (
    select * from added
    union all
    select * from removed
),

final as (
    select
        changed.authority_code_dfe,
        changed.reporting_year,
        max(changed.region_code) as region_code,
        earlier_years.reporting_year is null as is_new_year,
    from changed
    left join earlier_years on changed.reporting_year = earlier_years.reporting_year
    where
        earlier_years.reporting_year is null
        or changed.reporting_year >= {{ least_year }}
    group by
        changed.authority_code_dfe,
        changed.reporting_year,
        earlier_years.reporting_year
    having
        earlier_years.reporting_year is null
        or count(distinct changed.child_id_register) > {{ most_children }}
)

select * from final
