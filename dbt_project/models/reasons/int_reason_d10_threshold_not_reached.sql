-- The absence is shorter than a number of hours below which its authority records very
-- few absences (`profiles`). Absences below this number that both recorded are included
-- for comparison.
with

expected_records as (
    select * from {{ ref('int_expected_records') }}
    where expected_source = 'authority'
),

holdings as (
    select * from {{ ref('int_agreement_coverage_pairs') }}
    where
        status in ('both', 'police_only')
        and category_code = 'missing'
        and hours is not null
),

thresholds as (
    {{ reason_thresholds(
        ref('ref__reason_thresholds'),
        ['profile_most_hours', 'profile_share', 'step_deviance']
    ) }}
),

hourly as (
    select
        holdings.authority_code_dfe,
        cast(floor(least(
            holdings.hours, thresholds.profile_most_hours
        )) as integer) + 1 as below_hours,
        count(*) as known_count,
        sum(holdings.held) as held_count,
    from holdings
    cross join thresholds
    group by holdings.authority_code_dfe, below_hours
),

running as (
    select
        authority_code_dfe,
        below_hours,
        sum(known_count) over up_to as short_count,
        sum(held_count) over up_to as short_held_count,
        sum(known_count) over whole - sum(known_count) over up_to as long_count,
        sum(held_count) over whole - sum(held_count) over up_to as long_held_count,
    from hourly
    window
        up_to as (
            partition by authority_code_dfe
            order by below_hours
            rows between unbounded preceding and current row
        ),
        whole as (partition by authority_code_dfe)
),

weighed as (
    select
        *,
        cast(short_held_count as double) / short_count as short_held_share,
        cast(long_held_count as double) / long_count as long_held_share,
        {{ function('shares_deviance') }}(
            short_held_count, short_count, long_held_count, long_count
        ) as deviance,
    from running
    where long_count > 0
),

ranked as (
    select
        weighed.*,
        row_number() over (
            partition by weighed.authority_code_dfe
            order by weighed.deviance desc, weighed.below_hours asc
        ) as deviance_rank,
    from weighed
    cross join thresholds
    where
        weighed.below_hours <= thresholds.profile_most_hours
        and weighed.short_held_share
        <= thresholds.profile_share * weighed.long_held_share
        and weighed.deviance >= thresholds.step_deviance
),

-- The number of hours below which an authority records very few of the police-recorded
-- absences of its looked-after children: the number that separates recorded from missed
-- absences best (greatest deviance).
profiles as (
    select
        authority_code_dfe,
        below_hours as threshold_hours,
        short_count,
        long_count,
        short_held_share,
        long_held_share,
        deviance,
    from ranked
    where deviance_rank = 1
),

final as (
    select
        expected_records.agreement_id,
        'D10' as reason_code,
        'strong' as strength,
        'under '
        || cast(profiles.threshold_hours as varchar)
        || ' h, of which the authority holds '
        || cast(cast(round(100 * profiles.short_held_share, 0) as integer) as varchar)
        || ' % and of longer '
        || cast(cast(round(100 * profiles.long_held_share, 0) as integer) as varchar)
        || ' %' as evidence,
        expected_records.expected_source,
        expected_records.is_missed,
    from expected_records
    inner join profiles
        on expected_records.authority_code_dfe = profiles.authority_code_dfe
    where expected_records.recorded_hours < profiles.threshold_hours
)

select * from final
