-- An interview should be offered after every absence, so `offered_share` and
-- `held_share` are of all absences with a recorded end. `offered_recorded_share` and
-- `held_recorded_share` are of the absences in an authority's extract alone.
{#
    If no absence is in an authority's extract, `offered_share` and `held_share` are
    null, not 0.
#}
{% set where_recorded = 'case when recorded_count > 0 then closed_count end' %}
{% set clocks = ['', '_police', '_authority'] %}
with

episodes as (
    select * from {{ ref('fct_episodes') }}
    where end_basis_code = 'recorded'
),

interviews as (
    select
        episode_id_register,
        {{ best_answer('offered_code') }} as offered_code,
        {{ best_answer('acceptance_code') }} as acceptance_code,
        {{ best_answer('held_code') }} as held_code,
        {{ best_answer('independent_code') }} as independent_code,
        {%- for clock in clocks %}
            {{ answer_in_time('is_within_72_hours' ~ clock) }}
                as within_72_hours{{ clock }}_code,
        {%- endfor %}
    from {{ ref('fct_return_interviews') }}
    where episode_id_register is not null
    group by episode_id_register
),

areas as (
    select * from {{ ref('int_authority_areas') }}
),

populations as (
    select * from {{ ref('ref__populations') }}
),

coverage as (
    select * from {{ ref('int_area_year_coverage') }}
),

answered as (
    select
        episodes.authority_code_dfe,
        episodes.collection_year,
        episodes.care_status_code,
        coalesce(episodes.is_out_of_area, false) as is_out_of_area,
        interviews.*,
    from episodes
    left join interviews
        on episodes.episode_id_register = interviews.episode_id_register
),

counted as (
    select
        areas.area_level_code,
        areas.area_code,
        answered.collection_year,
        populations.population_code,
        count(*) as closed_count,
        count(answered.episode_id_register) as recorded_count,
        {{ answer_counts('answered.offered_code', 'offered') }},
        {{ answer_counts(
            'answered.acceptance_code', 'accepted', "answered.offered_code = 'yes'"
        ) }},
        {{ answer_counts('answered.held_code', 'held') }},
        {%- for clock in clocks %}
            {%- set name = 'within_72_hours' ~ clock %}
            count(case when answered.{{ name }}_code = 'yes' then 1 end)
                as {{ name }}_count,
            count(case when answered.{{ name }}_code = 'no' then 1 end)
                as not_{{ name }}_count,
            count(
                case
                    when
                        answered.held_code = 'yes'
                        and answered.{{ name }}_code = 'unknown'
                        then 1
                end
            ) as {{ name }}_unknown_count,
        {%- endfor %}
        {{ answer_counts(
            'answered.independent_code', 'independent', "answered.held_code = 'yes'"
        ) }},
    from answered
    inner join areas on answered.authority_code_dfe = areas.authority_code_dfe
    {{ join_populations('answered') }}
    group by
        areas.area_level_code,
        areas.area_code,
        answered.collection_year,
        populations.population_code
),

final as (
    select
        {{ joined_key([
            'counted.area_level_code', 'counted.area_code', 'counted.collection_year',
            'counted.population_code',
        ]) }} as return_interview_measure_id,
        counted.*,
        {{ share_columns('offered_share', 'offered_count', where_recorded) }},
        {{ share_columns(
            'offered_recorded_share', 'offered_count', 'recorded_count'
        ) }},
        {{ share_columns('accepted_share', 'accepted_count', 'offered_count') }},
        {{ share_columns('held_share', 'held_count', where_recorded) }},
        {{ share_columns('held_recorded_share', 'held_count', 'recorded_count') }},
        {{ share_columns(
            'within_72_hours_share',
            'within_72_hours_count',
            'within_72_hours_count + not_within_72_hours_count'
        ) }},
        -- The lowest share counts each unknown answer as no, the highest counts it as
        -- yes.
        {% for clock in clocks %}
            {% set name = 'within_72_hours' ~ clock %}
            cast(counted.{{ name }}_count as double) / nullif(counted.held_count, 0)
                as {{ name }}_share_lowest,
            cast(counted.{{ name }}_count + counted.{{ name }}_unknown_count as double)
            / nullif(counted.held_count, 0) as {{ name }}_share_highest,
        {% endfor %}
        -- Former name of `within_72_hours_share_highest`, to be removed in 1.1.0.
        cast(
            counted.within_72_hours_count
            + counted.within_72_hours_unknown_count as double
        ) / nullif(counted.held_count, 0) as within_72_hours_share_possible,
        {{ coverage_columns() }},
    from counted
    {{ join_coverage('counted') }}
)

select * from final
