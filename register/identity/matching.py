"""Links: which pairs of mentions are about the same child, how surely and why.

`find_links` is the one interface: mentions in, links out. This is the deterministic method: exact
cleaned names with the date of birth, or a shared strong identifier. What forbids a pair, however
strong its link, belongs in `guards`; dates of absences are never compared.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from register.identity.comparison_sql import (
    BIRTH_DATE_AGREEMENT,
    DEFAULT_BIRTH_DATE,
    PAIR_TABLES,
    common_names,
)

LINK_SCHEMA = pa.schema(
    [
        ("left_mention_key", pa.string()),
        ("right_mention_key", pa.string()),
        ("match_weight", pa.float64()),
        ("link_method", pa.string()),
        ("evidence", pa.string()),
        ("band", pa.string()),
        ("is_exact", pa.bool_()),
    ]
)

# More holders than this and an identifier is a default or a clerk's habit, not one person.
MOST_HOLDERS = 25
# From this many dates of birth on, a name is common enough for a default date to prove nothing.
COMMON_NAME_BIRTH_DATES = 3

# Weights are in bits, as in Fellegi and Sunter (1969): they order links and add up as evidence.
WEIGHTS = {
    "nhs": 18.0,
    "upn": 16.0,
    "home_office": 16.0,
    "police": 14.0,
    "exact_name": 14.0,
    "swapped_name": 12.0,
    "birth_date": 4.0,
    "postcode": 3.0,
}

_WEIGHT_MAP = "map {" + ", ".join(f"'{name}': {value}" for name, value in WEIGHTS.items()) + "}"

CANDIDATES = """
create temp table candidates as
with exact_names as (
    select lhs.mention_key as left_key, rhs.mention_key as right_key, lhs.name_key,
        false as is_swapped
    from named as lhs
    inner join named as rhs
        on lhs.name_key = rhs.name_key and lhs.birth_date = rhs.birth_date
        and lhs.mention_key < rhs.mention_key
), swapped_names as (
    select least(lhs.mention_key, rhs.mention_key), greatest(lhs.mention_key, rhs.mention_key),
        lhs.name_key, true
    from named as lhs
    inner join named as rhs
        on lhs.swapped_key = rhs.name_key and lhs.birth_date = rhs.birth_date
        and lhs.mention_key != rhs.mention_key
    where lhs.name_key != rhs.name_key
), shared_identifiers as (
    select lhs.mention_key, rhs.mention_key, null, null
    from identified as lhs
    inner join identified as rhs
        on lhs.identifier = rhs.identifier and lhs.mention_key < rhs.mention_key
        and (lhs.kind != 'police' or lhs.source != rhs.source)
    inner join holders on lhs.identifier = holders.identifier
    where holders.holder_count <= $most_holders
), pairs as (
    select * from exact_names union all select * from swapped_names
    union all select * from shared_identifiers
)
select left_key, right_key,
    coalesce(bool_or(not is_swapped), false) as has_exact_name,
    coalesce(bool_or(is_swapped), false) as has_swapped_name,
    coalesce(bool_or(not coalesce(common.is_common, false)) filter (name_key is not null), false)
        as has_rare_name
from pairs
left join common using (name_key)
group by left_key, right_key
"""

SHARED = """
create temp table shared as
select candidates.left_key, candidates.right_key,
    list_sort(list(distinct lhs.kind) filter (holders.is_proof)) as proofs,
    list_sort(list(distinct lhs.kind)) as kinds
from candidates
inner join identified as lhs on candidates.left_key = lhs.mention_key
inner join identified as rhs
    on candidates.right_key = rhs.mention_key and lhs.identifier = rhs.identifier
    and (lhs.kind != 'police' or lhs.source != rhs.source)
inner join holders on lhs.identifier = holders.identifier
group by candidates.left_key, candidates.right_key
"""

SCORED = f"""
with compared as (
    select candidates.*, coalesce(shared.proofs, []) as proofs, coalesce(shared.kinds, []) as kinds,
        list_has_any(lhs.postcodes, rhs.postcodes) as has_postcode,
        {BIRTH_DATE_AGREEMENT} as birth_date_agreement,
        {DEFAULT_BIRTH_DATE} as is_default_birth_date
    from candidates
    inner join mentions as lhs on candidates.left_key = lhs.mention_key
    inner join mentions as rhs on candidates.right_key = rhs.mention_key
    left join shared using (left_key, right_key)
), judged as (
    select *,
        (has_exact_name or has_swapped_name)
        and (not is_default_birth_date or has_rare_name or has_postcode or len(kinds) > 0)
            as is_proved_by_name,
        len(proofs) > 0 and (birth_date_agreement != 'conflict' or has_exact_name)
            as is_proved_by_identifier
    from compared
), weighed as (
    select *,
        list_concat(
            kinds,
            case when has_exact_name then ['exact_name']
                when has_swapped_name then ['swapped_name'] else [] end,
            case when birth_date_agreement = 'equal' then ['birth_date'] else [] end,
            case when has_postcode then ['postcode'] else [] end
        ) as evidence
    from judged
)
select left_key as left_mention_key, right_key as right_mention_key,
    list_sum(list_transform(evidence, lambda item: {_WEIGHT_MAP}[item])) as match_weight,
    case
        when is_proved_by_identifier and list_contains(proofs, 'nhs') then 'shared_nhs_number'
        when is_proved_by_identifier and list_contains(proofs, 'upn') then 'shared_upn'
        when is_proved_by_identifier and list_contains(proofs, 'home_office')
            then 'shared_home_office_reference'
        when is_proved_by_name and has_exact_name then 'exact_name_and_birth_date'
        when is_proved_by_identifier then 'shared_police_reference'
        when is_proved_by_name then 'swapped_name_and_birth_date'
        else 'evidence_only'
    end as link_method,
    array_to_string(evidence, '+') as evidence,
    case when is_proved_by_name or is_proved_by_identifier then 'link' else 'review' end as band,
    has_exact_name and birth_date_agreement = 'equal' as is_exact
from weighed
order by left_mention_key, right_mention_key
"""


def find_links(mentions: pa.Table) -> pa.Table:
    """Return the pairs of mentions that something speaks for, in `LINK_SCHEMA`.

    `mentions` is as `clean_mentions` makes it. One row per pair, the lower key left. `band` is
    `link`, or `review` where there is evidence but no proof: an identifier that many hold or that
    stands against the dates of birth, or a common name with a default date of birth.
    """
    with duckdb.connect(":memory:") as connection:
        connection.register("mentions", mentions)
        for statement in PAIR_TABLES:
            connection.execute(statement)
        connection.execute(common_names(COMMON_NAME_BIRTH_DATES))
        connection.execute(CANDIDATES, {"most_holders": MOST_HOLDERS})
        connection.execute(SHARED)
        links = connection.execute(SCORED).to_arrow_table()
    return links.cast(LINK_SCHEMA)
