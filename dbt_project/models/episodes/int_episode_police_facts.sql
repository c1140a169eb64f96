-- Facts that the police record about an absence, combined over all its police reports.
-- Authorities record none of these facts except a child's death. A flag is yes if any
-- report says yes, or else no if any report says no. To measure consistency, the first
-- report's answer is also compared with the answers of all later reports.
{% set orders = {
    'found_by_code': 'ended_at desc nulls last',
    'reported_by_code': 'started_at',
    'care_authority_code_dfe': 'started_at',
} %}
{% set flags = namespace(names=[], codes=[]) %}
{% for flag in police_flags() %}
    {% do flags.names.append("'" ~ flag ~ "'") %}
    {% do flags.codes.append(function('stated_code') ~ '(' ~ flag ~ '_code)') %}
{% endfor %}
with

police_reports as (
    select * from {{ ref('int_police_reports') }}
),

placed as (
    select * from {{ ref('int_report_episodes') }}
),

episodes as (
    select * from {{ ref('int_episode_times') }}
),

crosswalk as (
    select * from {{ ref('int_child_crosswalk') }}
),

persons as (
    select * from {{ ref('int_person_versions') }}
    where is_in_extract
),

reports as (
    select
        placed.episode_id_register,
        coalesce(police_reports.last_seen_at, police_reports.reported_at) as started_at,
        coalesce(police_reports.returned_at, police_reports.found_at) as ended_at,
        police_reports.*,
    from placed
    inner join police_reports on placed.report_key = police_reports.report_key
),

delivered as (
    select
        episode_id_register,
        report_key,
        started_at,
        {{ zipped_rows({'flag_code': flags.names, 'code': flags.codes}) }},
    from reports
),

-- An unknown or unmapped value is no answer; `code` is null for it.
statements as (
    select
        *,
        row_number() over (
            partition by episode_id_register, flag_code order by started_at, report_key
        ) as statement_rank,
    from delivered
    where code is not null
),

flag_values as (
    select
        episode_id_register,
        flag_code,
        case max(case code when 'yes' then 2 else 1 end) when 2 then 'yes' else 'no' end
            as police_code,
        case when count(*) > 1 then max(case when statement_rank = 1 then code end) end
            as first_code,
        case max(
            case when statement_rank > 1 then case code when 'yes' then 2 else 1 end end
        ) when 2 then 'yes' when 1 then 'no' end as other_code,
    from statements
    group by episode_id_register, flag_code
),

flag_columns as (
    select
        episode_id_register,
        {%- for flag in police_flags() %}
            {%- for kind in ['police', 'first', 'other'] %}
                max(case when flag_code = '{{ flag }}' then {{ kind }}_code end)
                    as {{ flag }}_{{ kind }}_code,
            {%- endfor %}
        {%- endfor %}
    from flag_values
    group by episode_id_register
),

ranked as (
    select
        *,
        {%- for fact, order in orders.items() %}
            row_number() over (
                partition by
                    episode_id_register,
                    {{ function('stated_code') }}({{ fact }}) is null
                order by {{ order }}, report_key
            ) as {{ fact }}_rank,
        {%- endfor %}
    from reports
),

stated as (
    select
        episode_id_register,
        {%- for fact in orders %}
            max(
                case
                    when {{ fact }}_rank = 1
                        then {{ function('stated_code') }}({{ fact }})
                end
            ) as {{ fact }},
        {%- endfor %}
        min(prevention_interview_at) as prevention_interview_at,
        max(case
            when transferred_from_force_code is not null then 1
            when transferred_to_force_code is not null then 1
            else 0
        end) = 1 as is_transferred,
    from ranked
    group by episode_id_register
),

-- The extract is cumulative, so a child in it without a date of death has not died.
deaths as (
    select
        crosswalk.child_id_register,
        min(persons.death_date) as death_date,
    from persons
    inner join crosswalk on persons.mention_key = crosswalk.mention_key
    group by crosswalk.child_id_register
),

final as (
    select
        episodes.episode_id_register,
        episodes.child_id_register,
        {%- for flag in police_flags() %}
            case
                when stated.episode_id_register is not null
                    then coalesce(flag_columns.{{ flag }}_police_code, 'unknown')
            end as {{ flag }}_police_code,
            flag_columns.{{ flag }}_first_code,
            flag_columns.{{ flag }}_other_code,
        {%- endfor %}
        case
            when deaths.child_id_register is null then null
            when
                deaths.death_date >= episodes.start_date
                and deaths.death_date
                <= coalesce(episodes.end_date, deaths.death_date)
                then 'yes'
            else 'no'
        end as fatal_flag_authority_code,
        {%- for fact in ['found_by', 'reported_by'] %}
            case
                when stated.episode_id_register is not null
                    then coalesce(stated.{{ fact }}_code, 'unknown')
            end as {{ fact }}_police_code,
        {%- endfor %}
        stated.care_authority_code_dfe as care_authority_police_code,
        stated.prevention_interview_at,
        stated.is_transferred,
    from episodes
    left join stated on episodes.episode_id_register = stated.episode_id_register
    left join flag_columns
        on episodes.episode_id_register = flag_columns.episode_id_register
    left join deaths on episodes.child_id_register = deaths.child_id_register
)

select * from final
