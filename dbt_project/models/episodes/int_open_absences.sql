-- On every past 31 March, and on the last day covered by deliveries. Here, an absence
-- that was never closed lasts to the child's next absence or 18th birthday.
with

episodes as (
    select
        *,
        case end_basis_code
            when 'recorded' then end_date
            when 'superseded' then cast(next_started_at as date)
            when 'aged_out' then eighteenth_birthday_date
        end as last_open_date,
    from {{ ref('int_episodes') }}
),

bands as (
    select * from {{ ref('ref__duration_bands') }}
    where measure = 'dfe'
),

last_days as (
    select
        max(last_date) as last_date,
        min(start_date) as first_date,
    from episodes
),

counting_days as (
    select
        numbered.date_day as as_of_date,
        numbered.date_day = last_days.last_date as is_latest,
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

open_absences as (
    select
        episodes.*,
        counting_days.as_of_date,
        counting_days.is_latest,
        {{ elapsed_days('episodes.start_date', 'counting_days.as_of_date') }}
            as days_open,
    from episodes
    inner join counting_days
        on
            episodes.start_date <= counting_days.as_of_date
            and (
                episodes.last_open_date > counting_days.as_of_date
                or episodes.end_basis_code = 'open'
            )
),

final as (
    select
        open_absences.episode_id_register,
        open_absences.as_of_date,
        open_absences.is_latest,
        open_absences.child_id_register,
        cast(open_absences.days_open as integer) as days_open,
        bands.band_code as open_band_code,
        open_absences.end_basis_code in ('superseded', 'aged_out') as is_never_closed,
        open_absences.category_code,
        open_absences.category_police_code,
        open_absences.category_authority_code,
        open_absences.source_status,
        open_absences.care_status_code,
        coalesce(open_absences.is_out_of_area, false) as is_out_of_area,
        coalesce(open_absences.authority_code_dfe, 'unknown') as authority_code_dfe,
        coalesce(open_absences.police_force_code, 'unknown') as police_force_code,
    from open_absences
    inner join bands
        on
            open_absences.days_open >= bands.lower
            and open_absences.days_open < coalesce(bands.upper, 1000000)
)

select * from final
