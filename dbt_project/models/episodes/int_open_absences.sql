{{ config(materialized='ephemeral') }}

-- Absences that are or may be open at the end of a day: 31 March of each year, and the
-- last day that deliveries cover. Open by record: the recorded end is after the day.
-- Without a recorded end, the child's next absence or 18th birthday is after the day,
-- or nothing ends the absence. Certainly open: even the earliest possible return is
-- after the day. Such an absence also counts as open by record. Possibly open: the
-- latest possible return is after the day.
with

episodes as (
    select
        *,
        case end_basis_code
            when 'recorded' then end_date
            when 'superseded' then cast(next_started_at as date)
            when 'closed' then start_date
            when 'aged_out' then eighteenth_birthday_date
        end as last_open_date,
        coalesce(
            returned_by_at,
            {{ london_to_utc('cast(eighteenth_birthday_date as timestamp)') }},
            cast('9999-12-31' as timestamp)
        ) as may_be_away_until_at,
    from {{ ref('int_episodes') }}
),

bands as (
    select * from {{ ref('ref__duration_bands') }}
    where measure = 'dfe'
),

covered as (
    {{ last_covered_days(ref('stg_ledger__deliveries')) }}
),

last_days as (
    select
        max(covered.last_date) as last_date,
        min(episodes.start_date) as first_date,
    from episodes
    cross join covered
),

counting_days as (
    select
        numbered.date_day as as_of_date,
        numbered.date_day = last_days.last_date as is_latest,
        {{ london_to_utc(
            'cast(' ~ dbt.dateadd('day', 1, 'numbered.date_day') ~ ' as timestamp)'
        ) }} as day_end_at,
    from {{ ref('int_days') }} as numbered
    inner join last_days
        on
            numbered.date_day >= last_days.first_date
            and numbered.date_day <= last_days.last_date
    where
        numbered.date_day = last_days.last_date
        or (
            extract(month from numbered.date_day) = 3
            and extract(day from numbered.date_day) = 31
        )
),

judged as (
    select
        episodes.*,
        counting_days.as_of_date,
        counting_days.is_latest,
        {{ elapsed_days('episodes.start_date', 'counting_days.as_of_date') }}
            as days_open,
        coalesce(
            episodes.last_open_date > counting_days.as_of_date,
            episodes.end_basis_code = 'open'
        ) as is_open_by_record,
        episodes.away_by_at <= counting_days.day_end_at
        and episodes.returned_from_at >= counting_days.day_end_at
            as is_certainly_open,
        episodes.may_be_away_until_at > counting_days.day_end_at as is_possibly_open,
    from episodes
    inner join counting_days on episodes.start_date <= counting_days.as_of_date
),

final as (
    select
        judged.episode_id_register,
        judged.as_of_date,
        judged.is_latest,
        judged.child_id_register,
        cast(judged.days_open as integer) as days_open,
        bands.band_code as open_band_code,
        judged.is_open_by_record or judged.is_certainly_open as is_open_by_record,
        judged.is_certainly_open,
        judged.end_basis_code in ('superseded', 'aged_out') as is_never_closed,
        judged.category_code,
        judged.category_police_code,
        judged.category_authority_code,
        coalesce(judged.is_reported_by_other_authority, false)
            as is_reported_by_other_authority,
        judged.source_status,
        judged.care_status_code,
        coalesce(judged.is_out_of_area, false) as is_out_of_area,
        coalesce(judged.authority_code_dfe, 'unknown') as authority_code_dfe,
        coalesce(judged.police_force_code, 'unknown') as police_force_code,
    from judged
    inner join bands
        on
            judged.days_open >= bands.lower
            and judged.days_open < coalesce(bands.upper, 1000000)
    where
        judged.is_open_by_record
        or judged.is_certainly_open
        or judged.is_possibly_open
)

select * from final
