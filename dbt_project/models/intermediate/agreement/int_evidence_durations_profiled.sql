-- Below how many hours an authority holds hardly any of the absences that the police
-- hold of its looked-after children: of all hours the one that divides best.
with

agreement_rows as (
    select * from {{ ref('int_agreement_rows_gathered') }}
    where
        status in ('both', 'police_only')
        and care_status_code = 'looked_after'
        and is_police_covered
        and is_authority_covered
        and category_police_code = 'missing'
        and police_end_lower_at is not null
),

thresholds as (
    {{ reason_thresholds(['profile_most_hours', 'profile_share', 'break_deviance']) }}
),

hourly as (
    select
        agreement_rows.authority_code_dfe,
        cast(floor(least(
            {{ hours_between(
                'agreement_rows.police_start_lower_at',
                'agreement_rows.police_end_lower_at'
            ) }},
            thresholds.profile_most_hours
        )) as integer) + 1 as below_hours,
        count(*) as known_count,
        sum(case when agreement_rows.status = 'both' then 1.0 else 0.0 end)
            as held_count,
    from agreement_rows
    cross join thresholds
    group by agreement_rows.authority_code_dfe, below_hours
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

shares as (
    select
        *,
        short_held_count / short_count as short_held_share,
        long_held_count / long_count as long_held_share,
    from running
    where long_count > 0 and long_held_count > 0 and long_held_count < long_count
),

ranked as (
    select
        shares.*,
        {{ binomial_deviance(
            'shares.short_held_count', 'shares.short_count', 'shares.long_held_share'
        ) }} as deviance,
        row_number() over (
            partition by shares.authority_code_dfe
            order by {{ binomial_deviance(
                'shares.short_held_count', 'shares.short_count',
                'shares.long_held_share'
            ) }} desc, shares.below_hours asc
        ) as deviance_rank,
    from shares
    cross join thresholds
    where
        shares.below_hours <= thresholds.profile_most_hours
        and shares.short_held_share
        <= thresholds.profile_share * shares.long_held_share
),

final as (
    select
        ranked.authority_code_dfe,
        ranked.below_hours as threshold_hours,
        ranked.short_count,
        ranked.long_count,
        ranked.short_held_share,
        ranked.long_held_share,
        ranked.deviance,
    from ranked
    cross join thresholds
    where ranked.deviance_rank = 1 and ranked.deviance >= thresholds.break_deviance
)

select * from final
