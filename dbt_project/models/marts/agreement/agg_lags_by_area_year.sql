-- Three kinds of lag are measured. The first lies between the two sources' times of one
-- absence; only this lag depends on linkage. The second runs from last seen to
-- reported. The third runs from the start until the register first received the report.
{% set kept = [
    'authority_code_dfe', 'police_force_code', 'collection_year', 'care_status_code',
    'is_out_of_area',
] %}
{% set grain = [
    'linkage_code', 'area_level_code', 'area_code', 'collection_year', 'lag_code',
] %}
{% set moments = [
    'source', 'started_at', 'last_seen_at', 'reported_at', 'first_received_at',
] %}
with

agreement as (
    select
        episode_id_register,
        {{ kept[:-1] | join(', ') }},
        coalesce(is_out_of_area, false) as is_out_of_area,
    from {{ ref('fct_agreement') }}
    where is_in_scope
),

times as (
    select * from {{ ref('int_linkage_times') }}
),

reports as (
    select * from {{ ref('int_reports') }}
),

report_episodes as (
    select * from {{ ref('int_report_episodes') }}
),

areas as (
    select * from {{ ref('int_authority_areas') }}
),

populations as (
    select * from {{ ref('ref__populations') }}
),

differences as (
    {% for event in ['start', 'end'] %}
        select
            linkage_code,
            '{{ event }}_difference' as lag_code,
            {{ event }}_difference_hours as lag_hours,
            {{ kept | join(', ') }},
        from times
        where {{ event }}_difference_hours is not null
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

dated_reports as (
    select
        agreement.*,
        {% for column in moments %}
            reports.{{ column }},
        {% endfor %}
    from reports
    inner join report_episodes on reports.report_key = report_episodes.report_key
    inner join agreement
        on report_episodes.episode_id_register = agreement.episode_id_register
),

delays as (
    select
        'central' as linkage_code,
        'police_reporting' as lag_code,
        {{ function('hours_between') }}(last_seen_at, reported_at) as lag_hours,
        {{ kept | join(', ') }},
    from dated_reports
    where last_seen_at <= reported_at
    union all
    select
        'central' as linkage_code,
        source || '_recording' as lag_code,
        {{ function('hours_between') }}(started_at, first_received_at) as lag_hours,
        {{ kept | join(', ') }},
    from dated_reports
    where started_at <= first_received_at
),

lags as (
    select * from differences
    union all
    select * from delays
),

placed as (
    {{ placed_in_areas('lags') }}
),

counted as (
    select
        placed.{{ grain | join(', placed.') }},
        populations.population_code,
        {{ lag_quantiles('lag', 'placed.lag_hours') }},
        count(case when placed.lag_hours > 0 then 1 end) as above_nought_count,
        count(case when placed.lag_hours < 0 then 1 end) as below_nought_count,
    from placed
    {{ join_populations('placed') }}
    group by
        placed.{{ grain | join(', placed.') }},
        populations.population_code
),

final as (
    select
        {{ joined_key(grain[:-1] + ['population_code', 'lag_code']) }} as lag_id,
        *,
    from counted
)

select * from final
