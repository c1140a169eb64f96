-- A start within none of the child's episodes of care breaks this rule. So does a start
-- that is blank or not a date. A child without any episode breaks rule 1012 instead.
with

missing_rows as (
    select * from {{ ref('int_return_missing') }}
),

episodes as (
    select * from {{ ref('int_return_episodes') }}
),

compared as (
    select
        missing_rows.*,
        case
            when
                missing_rows.mis_start_date >= episodes.decom_date
                and missing_rows.mis_start_date
                <= coalesce(episodes.dec_date, missing_rows.mis_start_date)
                then 1
            else 0
        end as within_episode_count
    from missing_rows
    inner join episodes
        on
            missing_rows._delivery_id = episodes._delivery_id
            and missing_rows.child = episodes.child
),

breached as (
    select
        supplier_code,
        period,
        _delivery_id,
        _file,
        _row_number
    from compared
    group by supplier_code, period, _delivery_id, _file, _row_number
    having sum(within_episode_count) = 0
),

final as (
    {{ return_breaches('581', 'missing', 'mis_start', 'breached') }}
)

select * from final
