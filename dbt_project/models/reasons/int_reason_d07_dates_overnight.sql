-- One source gives midnight, which systems write for a day without a time, and the
-- other gives a time on that day. The two records are matched, or are two unmatched
-- records of one child. Records that their source marks as a date are left out: a date
-- covers every time of its day, so it differs from none.
with

disagreements as (
    select * from {{ ref('int_disagreements') }}
),

counterparts as (
    select * from {{ ref('int_unmatched_candidates') }}
    where not is_authority_dated_only
),

matched as (
    {% for event in ['start', 'end'] %}
        select
            agreement_id,
            '{{ event }}' as event_name,
            police_{{ event }}_lower_at as police_at,
            authority_{{ event }}_lower_at as authority_at,
        from disagreements
        where
            status = 'both'
            and {{ event }}_agreement_code = 'differs'
            and not police_is_dated_only
            and not authority_is_dated_only
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

apart as (
    select
        disagreements.agreement_id,
        'start' as event_name,
        counterparts.police_start_at as police_at,
        counterparts.authority_start_at as authority_at,
    from disagreements
    inner join counterparts
        on disagreements.agreement_id = counterparts.agreement_id
),

every_one as (
    select * from matched
    union all
    select * from apart
),

-- The two times are on one day, and the earlier one is midnight.
final as (
    select
        agreement_id,
        'D7' as reason_code,
        'strong' as strength,
        min(
            'midnight by the '
            || case when police_at < authority_at then 'police' else 'authority' end
            || ', '
            || {{ number_text(
                'abs(' ~ function('hours_between') ~ '(police_at, authority_at))'
            ) }}
            || ' h before the '
            || event_name
            || ' by the other'
        ) as evidence,
    from every_one
    where
        {{ function('london_date') }}(
            police_at
        ) = {{ function('london_date') }}(authority_at)
        and police_at != authority_at
        and {{ function('is_local_midnight') }}(least(police_at, authority_at))
    group by agreement_id
)

select * from final
