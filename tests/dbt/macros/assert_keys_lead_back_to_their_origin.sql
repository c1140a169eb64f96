-- Fails if the founding mention of a child's key or the time of a generation is read
-- wrongly. Also fails if case, accents or punctuation hide a word of a text.
with

known as (
    select
        'C0123456789ABCDEF01234567' as child_id_register,
        '20261124T182410-895954' as generation_id,
        'Same as O''Neil-Śmith, said_he' as reason,
),

read_back as (
    select
        {{ founding_mention('child_id_register') }} as mention_id_register,
        {{ generation_moment('generation_id') }} as published_at,
        {{ words_of('reason') }} as reason_words,
    from known
)

select *
from read_back
where
    mention_id_register != 'M0123456789ABCDEF01234567'
    or published_at != cast('2026-11-24 18:24:10.895954' as timestamp)
    or reason_words not like ' same as o neil % said he '
