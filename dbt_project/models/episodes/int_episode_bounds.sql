-- The most precise record sets the bounds of a start or an end. A time is preferred to
-- a date, then the police to an authority. Suppliers that record late come last. If a
-- record of another feed contradicts the bounds, they are widened to include it.
with

reports as (
    select * from {{ ref('int_report_bounds') }}
),

feeds as (
    select
        episode_id_register,
        child_id_register,
        feed,
        min(away_from_at) as away_from_at,
        min(away_by_at) as away_by_at,
        min(start_rank) as start_rank,
        max(coalesce(sure_back_at, sure_away_at)) as back_from_at,
        max(back_by_at) as back_by_at,
        min(end_rank) as end_rank,
        max(case when not is_end_given then away_from_at end) as last_open_at,
        max(case when is_end_given then 1 else 0 end) as is_end_given,
    from reports
    group by episode_id_register, child_id_register, feed
),

marked as (
    select
        *,
        back_by_at is not null
        and coalesce(last_open_at < back_by_at, true) as is_closed,
    from feeds
),

ordered as (
    select
        *,
        {% for column in ['away_from_at', 'away_by_at'] -%}
            first_value({{ column }}) over by_start as best_{{ column }},
        {% endfor -%}
        {% for column in ['feed', 'end_rank', 'back_from_at', 'back_by_at'] -%}
            first_value({{ column }}) over by_end as best_{{ column }},
        {% endfor -%}
    from marked
    window
        by_start as (
            partition by episode_id_register
            order by start_rank, away_from_at, feed
        ),
        by_end as (
            partition by episode_id_register
            order by
                case when is_closed then 0 else 1 end,
                end_rank,
                case feed when 'police_reports' then 0 else 1 end,
                feed
        )
),

spans as (
    select
        episode_id_register,
        child_id_register,
        min(
            case
                when away_by_at < best_away_from_at then away_from_at
                else best_away_from_at
            end
        ) as away_from_at,
        max(
            case
                when away_from_at > best_away_by_at then away_by_at
                else best_away_by_at
            end
        ) as away_by_at,
        max(case when is_closed then best_feed end) as end_feed,
        max(best_end_rank) < 5 as is_end_sure,
        min(
            case
                when is_closed and back_by_at < best_back_from_at
                    then coalesce(back_from_at, best_away_from_at)
                else best_back_from_at
            end
        ) as closed_back_from_at,
        max(back_from_at) as open_back_from_at,
        max(
            case
                when is_closed and back_from_at > best_back_by_at then back_by_at
                else best_back_by_at
            end
        ) as back_by_at,
        coalesce(
            max(last_open_at) >= max(best_back_by_at),
            max(case when is_closed then 1 else 0 end) = 0
        ) as has_no_end,
        max(is_end_given) = 1 as is_end_given,
        coalesce(
            min(case when feed = 'authority_extract' then end_rank end) < 5, false
        ) as is_authority_end_sure,
    from ordered
    group by episode_id_register, child_id_register
),

longest as (
    select
        episode_id_register,
        source,
        max(
            {{ function('hours_between') }}(
                away_by_at, coalesce(sure_back_at, sure_away_at, away_by_at)
            )
        ) as sure_hours,
    from reports
    group by episode_id_register, source
    having
        count(distinct source_absence_key) > 1
        or (source = 'police' and count(*) > 1)
),

several as (
    select
        episode_id_register,
        min(sure_hours) as longest_sure_hours,
    from longest
    group by episode_id_register
),

police_returns as (
    select
        episode_id_register,
        min(sure_back_at) as back_from_at,
        max(back_by_at) as back_by_at,
    from reports
    where source = 'police'
    group by episode_id_register
    having count(*) = count(sure_back_at)
),

final as (
    select
        spans.episode_id_register,
        spans.child_id_register,
        spans.away_from_at,
        spans.away_by_at,
        coalesce(
            case
                when spans.end_feed is null then spans.open_back_from_at
                else spans.closed_back_from_at
            end,
            spans.away_from_at
        ) as back_from_at,
        case when not spans.has_no_end then spans.back_by_at end as back_by_at,
        spans.end_feed,
        spans.has_no_end,
        coalesce(spans.is_end_sure, false) and not spans.has_no_end as is_end_sure,
        spans.is_end_given,
        spans.is_authority_end_sure,
        several.longest_sure_hours,
        police_returns.back_from_at as police_back_from_at,
        police_returns.back_by_at as police_back_by_at,
    from spans
    left join several on spans.episode_id_register = several.episode_id_register
    left join police_returns
        on spans.episode_id_register = police_returns.episode_id_register
)

select * from final
