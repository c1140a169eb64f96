-- Fails if a correction for linkage errors has the wrong size, or adds or loses records
-- of a source. If a share of the true links is missed, the matches are too few by this
-- share. For every child, what each source recorded does not change. In care, an
-- unlinked police record is not counted, so the police's records increase. Source: Ding
-- and Fienberg 1994.
with

factors as (
    select
        1.0 / 0.8 as both_factor,
        100.0 as expected_both,
    union all
    select
        0.9 / 0.9 as both_factor,
        80.0 as expected_both,
    union all
    select
        1.0 / 0.5 as both_factor,
        120.0 as expected_both,
),

cases as (
    select
        factors.*,
        rules.rule,
        80 as both_count,
        60 as police_only_count,
        40 as authority_only_count,
        1.25 as police_only_factor,
        rules.expected_police,
    from factors
    cross join (
        select
            'every_child' as rule,
            cast(140.0 as double) as expected_police,
        union all
        select
            'in_care' as rule,
            cast(null as double) as expected_police,
    ) as rules
),

found as (
    select
        *,
        {{ function('corrected_both') }}(
            rule, both_count, police_only_count, authority_only_count, both_factor
        ) as actual_both,
        {{ function('corrected_police_only') }}(
            rule,
            both_count,
            police_only_count,
            authority_only_count,
            both_factor,
            police_only_factor
        ) as actual_police_only,
        {{ function('corrected_authority_only') }}(
            rule, both_count, police_only_count, authority_only_count, both_factor
        ) as actual_authority_only,
    from cases
),

final as (
    select * from found
    where
        abs(actual_both - expected_both) > 0.000001
        or abs(actual_both + actual_authority_only - 120) > 0.000001
        or abs(
            actual_both
            + actual_police_only
            - coalesce(expected_police, expected_both + 75)
        ) > 0.000001
)

select * from final
