-- Fails if a layout's own code does not replace the feed's, or reaches another layout or feed.
with

code_map as (
    select
        column0 as used_by,
        'sex' as field_name,
        column1 as source_code,
        column2 as conformed_code,
    from (
        values
        ('authority_return', '1', 'male'),
        ('other', '1', 'female'),
        ('other', 'Girl', 'female'),
        ('authority_extract', 'F', 'female')
    ) as codes (column0, column1, column2)
),

deliveries as (
    select
        'authority_return' as feed,
        'ssda903' as layout_name,
    union all
    select
        'authority_return' as feed,
        'other' as layout_name,
),

landed as (
    select
        'ssda903' as layout_name,
        '1' as sex,
        'male' as expected,
    union all
    select
        'other' as layout_name,
        '1' as sex,
        'female' as expected,
    union all
    select
        'other' as layout_name,
        'Girl' as sex,
        'female' as expected,
    union all
    select
        'ssda903' as layout_name,
        'Girl' as sex,
        'unmapped' as expected,
    union all
    select
        'other' as layout_name,
        'F' as sex,
        'unmapped' as expected,
),

conformed as (
    select
        landed.expected,
        {{ code_columns('sex', 'landed.sex') }},
    from landed
    inner join deliveries on landed.layout_name = deliveries.layout_name
    {{ join_authority_code('sex', 'sex', 'landed.sex') }}
)

select *
from conformed
where sex_code is distinct from expected
union all
select
    'a row is lost or doubled' as expected,
    null as sex_code,
    null as sex_source_code,
from conformed
having count(*) <> 5
