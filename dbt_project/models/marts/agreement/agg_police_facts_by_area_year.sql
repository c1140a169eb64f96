-- Facts are counted one at a time, because all at once do not fit in memory for
-- millions of children.
{% set facts = {
    'found_by': 'found_by_police_code',
    'reported_by': 'reported_by_police_code',
    'prevention_interview': "case when prevention_interview_at is not null then 'yes'"
        ~ " else 'not_recorded' end",
    'risk_level': 'risk_level_police_code',
    'transfer': "case when is_transferred then 'yes' else 'not_recorded' end",
} %}
{% set place = 'child_key, authority_code_dfe, police_force_code, collection_year' %}
{% for flag in police_flags() %}
    {% do facts.update({flag: flag ~ '_police_code'}) %}
{% endfor %}
with

episodes as (
    select * from {{ ref('fct_episodes') }}
    where police_report_count > 0 and is_in_scope
),

areas as (
    select * from {{ ref('int_authority_areas') }}
),

labelled as (
    select
        child_id_register as child_key,
        authority_code_dfe,
        coalesce(police_force_code, 'unknown') as police_force_code,
        collection_year,
        case when care_status_code = 'looked_after' then true end as is_looked_after,
        {%- for fact, code in facts.items() %}
            {{ code }} as {{ fact }},
        {%- endfor %}
    from episodes
),

-- One row per child, place (authority and force) and value. Children with one place are
-- grouped below: one row stands for all children with the same counts.
child_places as (
    {%- for fact in facts %}
        select
            {{ place }},
            '{{ fact }}' as fact_code,
            {{ fact }} as value_code,
            count(*) as every_child_count,
            count(is_looked_after) as looked_after_count,
            count(*) over (partition by child_key, collection_year, {{ fact }})
                as place_count,
        from labelled{{ ' where risk_level is not null' if fact == 'risk_level' }}
        group by {{ place }}, {{ fact }}
        {{ 'union all' if not loop.last }}
    {%- endfor %}
),

alike as (
    select
        * exclude (child_key, place_count),
        case when place_count > 1 then child_key end as child_of_several_places,
        count(*) as child_count,
    from child_places
    group by all
),

placed as (
    {{ placed_in_areas('alike') }}
),

populated as (
    select
        *,
        'every_child' as population_code,
        every_child_count as population_count,
    from placed
    union all
    select
        *,
        'looked_after' as population_code,
        looked_after_count as population_count,
    from placed
    where looked_after_count > 0
),

counted as (
    select
        area_level_code,
        area_code,
        collection_year,
        population_code,
        fact_code,
        value_code,
        {{ number_where('child_count', 'child_of_several_places is null') }}
        + count(distinct child_of_several_places) as children_count,
        cast(sum(population_count * child_count) as bigint) as episode_count,
    from populated
    group by all
),

totalled as (
    select
        *,
        cast(
            sum(
                case
                    when value_code not in ('unknown', 'unmapped') then episode_count
                end
            ) over of_fact as bigint
        ) as stated_episode_count,
    from counted
    window of_fact as (
        partition by
            area_level_code, area_code, collection_year, population_code, fact_code
    )
),

final as (
    select
        {{ joined_key([
            'area_level_code', 'area_code', 'collection_year', 'population_code',
            'fact_code', 'value_code',
        ]) }} as police_fact_id,
        area_level_code,
        area_code,
        collection_year,
        population_code,
        fact_code,
        value_code,
        children_count,
        episode_count,
        coalesce(stated_episode_count, 0) as stated_episode_count,
        {{ share_columns(
            'stated_share',
            'episode_count',
            "case when value_code not in ('unknown', 'unmapped')"
                ~ " then stated_episode_count end"
        ) }},
    from totalled
)

select * from final
