-- Fails if two rows share a key because a part is blank or has moved to another column.
with

parts as (
    select
        cast(null as varchar) as no_part,
        '' as blank,
        'a' as one,
        'b' as other,
        'ab' as both_parts,
        '0123456789abcdef0123456789abcdef' as source_key,
),

keys as (
    select
        {{ surrogate_key(['no_part', 'one']) }} as key_of_no_part,
        {{ surrogate_key(['blank', 'one']) }} as key_of_blank,
        {{ surrogate_key(['both_parts', 'blank']) }} as key_of_both,
        {{ surrogate_key(['one', 'other']) }} as key_of_parts,
        {{ surrogate_key(['other', 'one']) }} as key_of_parts_reversed,
        {{ register_key('P', 'source_key') }} as published_key,
        {{ register_key('P', 'no_part') }} as published_key_of_none,
    from parts
)

select *
from keys
where
    key_of_no_part = key_of_blank
    or key_of_both = key_of_parts
    or key_of_parts = key_of_parts_reversed
    or published_key != 'P0123456789ABCDEF01234567'
    or published_key_of_none is not null
