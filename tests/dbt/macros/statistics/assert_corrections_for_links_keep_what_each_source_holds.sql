-- Prevents a correction that makes or loses absences of one source, or goes the wrong
-- way. Ding and Fienberg (1994): where a share of true matches is missed, the matches
-- found are that much too few, and what either source holds in all is as before.
with

cases as (
    select
        80 as both_count,
        60 as police_only_count,
        40 as authority_only_count,
        1.0 as link_precision,
        0.8 as link_recall,
        100.0 as expected_both,
    union all
    select
        80 as both_count,
        60 as police_only_count,
        40 as authority_only_count,
        0.9 as link_precision,
        0.9 as link_recall,
        80.0 as expected_both,
    union all
    select
        80 as both_count,
        60 as police_only_count,
        40 as authority_only_count,
        1.0 as link_precision,
        0.5 as link_recall,
        120.0 as expected_both,
),

found as (
    select
        *,
        corrected_both(
            both_count,
            police_only_count,
            authority_only_count,
            link_precision,
            link_recall
        ) as actual_both,
        {% for status in ['both', 'police_only', 'authority_only'] %}
            corrected_share(
                '{{ status }}',
                both_count,
                police_only_count,
                authority_only_count,
                link_precision,
                link_recall
            ) as {{ status }}_share,
        {% endfor %}
    from cases
),

final as (
    select * from found
    where
        abs(actual_both - expected_both) > 0.000001
        or abs(both_share + police_only_share + authority_only_share - 1) > 0.000001
        -- Of the 140 that the police hold.
        or abs(
            (both_share + police_only_share) / both_share - 140 / expected_both
        ) > 0.000001
)

select * from final
