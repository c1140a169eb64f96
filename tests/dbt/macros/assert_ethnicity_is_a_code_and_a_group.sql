-- Fails if an ethnic group judged by a police officer becomes the child's own
-- ethnicity.
with

code_map as (
    select
        'authority_return' as used_by,
        'ethnicity' as field_name,
        'X1' as source_code,
        'AIND' as conformed_code,
    union all
    select
        'authority_return' as used_by,
        'ethnicity' as field_name,
        'IC3' as source_code,
        'group_only_black' as conformed_code,
),

ethnicities as (
    select * from {{ ref('ref__ethnicities') }}
),

deliveries as (
    select
        'authority_return' as feed,
        'ssda903' as layout_name,
),

landed as (
    select
        'X1' as ethnic,
        'AIND asian' as expected,
    union all
    select
        'IC3' as ethnic,
        'group_only black' as expected,
    union all
    select
        'Q' as ethnic,
        'unmapped unmapped' as expected,
    union all
    select
        cast(null as varchar) as ethnic,
        'unknown unknown' as expected,
),

conformed as (
    select
        landed.expected,
        {{ ethnicity_columns('landed.ethnic') }},
    from landed
    cross join deliveries
    {{ join_authority_code('ethnicity', 'ethnicity', 'landed.ethnic') }}
    {{ join_ethnicities() }}
)

select *
from conformed
where ethnicity_code || ' ' || ethnicity_group_code != expected
