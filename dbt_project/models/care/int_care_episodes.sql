-- A period of care is a chain of episodes: each starts no later than the day on which
-- an earlier one ends. If episodes overlap, an episode ends when the next one starts.
with

episodes as (
    select * from {{ ref('int_care_episode_records') }}
),

ordered as (
    select
        *,
        row_number() over (
            partition by supplier_code, person_id
            order by
                episode_start_date,
                coalesce(episode_end_date, cast('9999-12-31' as date)),
                _delivery_id,
                _file,
                _row_number
        ) as episode_number,
    from episodes
),

bounded as (
    select
        *,
        lead(episode_start_date) over (
            partition by supplier_code, person_id
            order by episode_number
        ) as next_start_date,
        max(coalesce(episode_end_date, cast('9999-12-31' as date))) over (
            partition by supplier_code, person_id
            order by episode_number
            rows between unbounded preceding and 1 preceding
        ) as previous_end_date,
    from ordered
),

numbered as (
    select
        *,
        sum(case when previous_end_date >= episode_start_date then 0 else 1 end) over (
            partition by supplier_code, person_id
            order by episode_number
            rows between unbounded preceding and current row
        ) as care_period_number,
    from bounded
),

periods as (
    select
        supplier_code,
        person_id,
        care_period_number,
        min(episode_start_date) as care_period_start_date,
        case
            when count(*) = count(episode_end_date) then max(episode_end_date)
        end as care_period_end_date,
    from numbered
    group by supplier_code, person_id, care_period_number
),

final as (
    select
        numbered.supplier_code,
        numbered.person_id,
        numbered.episode_number,
        periods.care_period_start_date,
        periods.care_period_end_date,
        numbered.episode_start_date,
        case
            when
                numbered.next_start_date
                < coalesce(numbered.episode_end_date, cast('9999-12-31' as date))
                then numbered.next_start_date
            else numbered.episode_end_date
        end as episode_end_date,
        numbered.ceased_reason_code,
        numbered.legal_status_code,
        numbered.placement_source_id,
        numbered.placement_type_code,
        numbered.placement_provider_code,
        numbered.placement_postcode,
        numbered.home_postcode,
        numbered.source_distance_miles,
    from numbered
    inner join periods
        on
            numbered.supplier_code = periods.supplier_code
            and numbered.person_id = periods.person_id
            and numbered.care_period_number = periods.care_period_number
)

select * from final
