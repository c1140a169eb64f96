"""Clean: fields of a record in one standard form, and records in the form that is scored.

Comparing two records does not belong here (`score`).
"""

from register.identity.clean.fields import clean_postcode, identifies_a_person
from register.identity.clean.mentions import MENTION_SCHEMA, clean_mentions
from register.identity.clean.name_forms import is_nickname, is_short_form, surname_parts
from register.identity.clean.name_tokens import (
    given_names,
    is_part_of_a_name,
    is_reordered,
    is_within,
    name_of_god,
    name_sets,
    name_subsets,
    written_out,
)
from register.identity.clean.person_tables import (
    SOURCES,
    ColumnsMap,
    mentions_from_tables,
    read_columns_map,
    read_person_table,
    shape_tables,
)
from register.identity.clean.persons import (
    COLLECTED_SCHEMA,
    CROWDED_HOLDERS,
    PersonsError,
    count_holders,
    hash_shaping_code,
    other_columns,
    persons_from_mentions,
    position_persons,
    shape_mentions,
    shape_persons,
)
from register.identity.clean.sounds import sound

__all__ = [
    "COLLECTED_SCHEMA",
    "CROWDED_HOLDERS",
    "MENTION_SCHEMA",
    "SOURCES",
    "ColumnsMap",
    "PersonsError",
    "clean_mentions",
    "clean_postcode",
    "count_holders",
    "given_names",
    "hash_shaping_code",
    "identifies_a_person",
    "is_nickname",
    "is_part_of_a_name",
    "is_reordered",
    "is_short_form",
    "is_within",
    "mentions_from_tables",
    "name_of_god",
    "name_sets",
    "name_subsets",
    "other_columns",
    "persons_from_mentions",
    "position_persons",
    "read_columns_map",
    "read_person_table",
    "shape_mentions",
    "shape_persons",
    "shape_tables",
    "sound",
    "surname_parts",
    "written_out",
]
