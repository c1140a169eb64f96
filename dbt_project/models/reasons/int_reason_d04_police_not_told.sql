-- Authority only, and the police had delivered: away, brief or short. Each is a sign of
-- its own, compared with what both recorded.
with

expected_records as (
    select * from {{ ref('int_expected_records') }}
    where expected_source = 'police'
),

thresholds as (
    {{ reason_thresholds(['brief_hours', 'short_hours']) }}
),

judged as (
    select
        expected_records.*,
        case
            when expected_records.category_authority_code = 'away' then 'strong'
            when expected_records.recorded_hours < thresholds.brief_hours
                then 'moderate'
            when expected_records.recorded_hours < thresholds.short_hours then 'weak'
        end as strength,
    from expected_records
    cross join thresholds
),

final as (
    select
        agreement_id,
        'D4' as reason_code,
        strength,
        category_authority_code
        || coalesce(', ' || {{ number_text('recorded_hours') }} || ' h', '')
            as evidence,
        expected_source,
        is_missed,
    from judged
    where strength is not null
)

select * from final
