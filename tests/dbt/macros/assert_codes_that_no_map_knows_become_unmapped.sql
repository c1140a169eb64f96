-- Fails if a code is dropped, mapped by another layout's map, or guessed.
with

code_map as (
    select
        'niche' as layout_name,
        'sex' as field_name,
        'F' as source_code,
        'female' as conformed_code,
    union all
    select
        'compact' as layout_name,
        'sex' as field_name,
        'W' as source_code,
        'female' as conformed_code,
),

deliveries as (
    select 'niche' as layout_name
),

landed as (
    select
        'F' as sex,
        'female' as expected,
    union all
    select
        'W' as sex,
        'unmapped' as expected,
    union all
    select
        cast(null as varchar) as sex,
        'unknown' as expected,
),

conformed as (
    select
        landed.expected,
        {{ code_columns('sex', 'landed.sex') }},
        {{ conformed_code('sex', 'landed.sex', missing=none) }} as sex_or_null_code,
        landed.sex,
    from landed
    cross join deliveries
    {{ join_police_code('sex', 'sex', 'landed.sex') }}
)

select *
from conformed
where
    sex_code is distinct from expected
    or sex_source_code is distinct from sex
    or (sex is null and sex_or_null_code is not null)
