"""Comparisons of two mentions as SQL expressions and tables, for DuckDB in memory.

What is shared by links and guards: names taken apart, dates of birth compared, identifiers with
their holders. Deciding what a comparison means belongs in `matching` and `guards`.
"""

from __future__ import annotations

# One row per mention and way to write its name: all forenames and the first alone.
NAMED = """
create temp table named as
with parts as (
    select mention_key, birth_dates,
        string_split(name, '|')[1] as forenames, string_split(name, '|')[2] as surname
    from (select mention_key, birth_dates, unnest(names) as name from mentions)
), written as (
    select mention_key, birth_dates, replace(surname, ' ', '') as surname,
        unnest([replace(forenames, ' ', ''), string_split(forenames, ' ')[1]]) as forename
    from parts
    where forenames != '' and surname != ''
)
select distinct mention_key, unnest(birth_dates) as birth_date,
    forename || '|' || surname as name_key, surname || '|' || forename as swapped_key
from written
"""

IDENTIFIED = """
create temp table identified as
select mention_key, source, identifier, string_split(identifier, '|')[1] as kind
from (select mention_key, source, unnest(identifiers) as identifier from mentions)
"""

# An identifier is proof while its holders could be one person: few dates of birth among them,
# and for a police reference exactly one police record that bears it.
HOLDERS = """
create temp table holders as
with dated as (
    select identified.identifier, identified.kind, identified.mention_key, identified.source,
        unnest(case when len(mentions.birth_dates) > 0
            then mentions.birth_dates else [cast(null as date)] end) as birth_date
    from identified
    inner join mentions on identified.mention_key = mentions.mention_key
)
select identifier, count(distinct mention_key) as holder_count,
    count(distinct birth_date) <= 3
    and (
        min(kind) != 'police'
        or (
            count(distinct mention_key) filter (source = 'police') = 1
            and count(distinct mention_key) filter (source != 'police') <= 2
        )
    ) as is_proof
from dated
group by identifier
"""

PAIR_TABLES = (NAMED, IDENTIFIED, HOLDERS)


def common_names(birth_date_count: int) -> str:
    """Return the table of names, each common if it goes with that many dates of birth."""
    return f"""
    create temp table common as
    select name_key, count(distinct birth_date) >= {birth_date_count} as is_common
    from named
    group by name_key
    """


# equal, near (day and month swapped, one digit, a year either way, a default day of the same or
# the next year), conflict, or unknown where a side has none.
_NEAR = """
    list_bool_or(list_transform(lhs.birth_dates, lambda one: list_bool_or(list_transform(
        rhs.birth_dates, lambda two:
            (year(one) = year(two) and month(one) = day(two) and day(one) = month(two))
            or hamming(strftime(one, '%Y%m%d'), strftime(two, '%Y%m%d')) <= 1
            or (abs(year(one) - year(two)) <= 1 and month(one) = month(two)
                and day(one) = day(two))
            or (abs(year(one) - year(two)) <= 1
                and ((day(one) = 1 and month(one) in (1, 7))
                    or (day(two) = 1 and month(two) in (1, 7))))
    ))))
"""

BIRTH_DATE_AGREEMENT = f"""
    case
        when len(lhs.birth_dates) = 0 or len(rhs.birth_dates) = 0 then 'unknown'
        when list_has_any(lhs.birth_dates, rhs.birth_dates) then 'equal'
        when {_NEAR} then 'near'
        else 'conflict'
    end
"""

# True where every date of birth that the two share is one that stands for a year alone.
DEFAULT_BIRTH_DATE = """
    coalesce(list_bool_and(list_transform(
        list_intersect(lhs.birth_dates, rhs.birth_dates),
        lambda shared_date: day(shared_date) = 1 and month(shared_date) in (1, 7)
    )), false)
"""
