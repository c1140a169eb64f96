-- Fails if a date is read as a moment, or if a distance has the wrong sign. Also fails
-- if intervals that overlap only because dates were widened to days count as certain to
-- overlap.
with

-- Dates alone (28 to 29 March), the afternoon of 29 March, the evening of 30 March, and
-- an absence that is open from 28 March.
intervals as (
    select
        'day' as interval_name,
        timestamp '2026-03-28 00:00' as start_lower_at,
        {{ function('latest_moment') }}(timestamp '2026-03-28 00:00', 'date') as start_upper_at,
        timestamp '2026-03-29 00:00' as end_lower_at,
        {{ function('latest_moment') }}(timestamp '2026-03-29 00:00', 'date') as end_upper_at,
    union all
    select
        'afternoon' as interval_name,
        timestamp '2026-03-29 14:00' as start_lower_at,
        {{ function('latest_moment') }}(timestamp '2026-03-29 14:00', 'minute')
            as start_upper_at,
        timestamp '2026-03-29 17:00' as end_lower_at,
        {{ function('latest_moment') }}(timestamp '2026-03-29 17:00', 'minute') as end_upper_at,
    union all
    select
        'evening' as interval_name,
        timestamp '2026-03-30 20:00' as start_lower_at,
        timestamp '2026-03-30 20:00' as start_upper_at,
        timestamp '2026-03-30 23:00' as end_lower_at,
        timestamp '2026-03-30 23:00' as end_upper_at,
    union all
    select
        'open' as interval_name,
        timestamp '2026-03-28 12:00' as start_lower_at,
        timestamp '2026-03-28 12:00' as start_upper_at,
        cast(null as timestamp) as end_lower_at,
        cast(null as timestamp) as end_upper_at,
),

comparable as (
    select
        *,
        coalesce(end_upper_at, timestamp '9999-12-31') as meets_until_at,
        coalesce(end_lower_at, start_upper_at) as sure_until_at,
    from intervals
),

-- The columns once more, with the prefixes that `meets_unwidened` needs.
sides as (
    select
        *,
        start_lower_at as one_start_lower_at,
        end_lower_at as one_end_lower_at,
        start_lower_at as other_start_lower_at,
        end_lower_at as other_end_lower_at,
    from comparable
),

pairs as (
    select
        one.interval_name as one_name,
        other.interval_name as other_name,
        {{ moments_apart('start', 'one', 'other') }} as start_apart_hours,
        {{ function('signed_hours_apart') }}(
            one.start_lower_at,
            one.start_upper_at,
            other.start_lower_at,
            other.start_upper_at
        ) as start_signed_hours,
        {{ function('signed_hours_apart') }}(
            one.end_lower_at, one.end_upper_at, other.end_lower_at, other.end_upper_at
        ) as end_signed_hours,
        {{ gap_hours('one', 'other') }} as gap_hours,
        {{ certainly_overlaps('one', 'other') }} as is_certain,
        {{ meets_unwidened('one.one', 'other.other') }} as is_met,
    from sides as one
    cross join sides as other
),

-- 29 March has 23 hours: a date that begins in winter time ends an hour earlier in UTC.
expected as (
    {% for one, other, apart, start, end, gap, certain, met in [
        ['day', 'afternoon', '14.0', '14.0', '0.0', '0.0', 'false', 'false'],
        ['afternoon', 'day', '14.0', '-14.0', '0.0', '0.0', 'false', 'false'],
        ['day', 'evening', '44.0', '44.0', '24.0', '21.0', 'false', 'false'],
        ['evening', 'afternoon', '30.0', '-30.0', '-30.0', '27.0', 'false', 'false'],
        ['day', 'open', '0.0', '0.0', 'null', '0.0', 'false', 'true'],
        ['open', 'evening', '56.0', '56.0', 'null', '0.0', 'false', 'true'],
        ['afternoon', 'afternoon', '0.0', '0.0', '0.0', '0.0', 'true', 'true']
    ] %}
        select
            '{{ one }}' as one_name,
            '{{ other }}' as other_name,
            {{ apart }} as start_apart_hours,
            {{ start }} as start_signed_hours,
            {{ end }} as end_signed_hours,
            {{ gap }} as gap_hours,
            {{ certain }} as is_certain,
            {{ met }} as is_met,
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select expected.*
from expected
left join pairs
    on
        expected.one_name = pairs.one_name
        and expected.other_name = pairs.other_name
where
    pairs.start_apart_hours is distinct from expected.start_apart_hours
    or pairs.start_signed_hours is distinct from expected.start_signed_hours
    or pairs.end_signed_hours is distinct from expected.end_signed_hours
    or pairs.gap_hours is distinct from expected.gap_hours
    or pairs.is_certain is distinct from expected.is_certain
    or pairs.is_met is distinct from expected.is_met
