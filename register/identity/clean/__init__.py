"""Cleaning: the fields of a record in one standard form, and records in the form that is scored.

Records are compared in `score`.
"""

from register.identity.clean.fields import (
    clean_district,
    clean_identifier,
    clean_person_name,
    clean_postcode,
    compact_text,
    identifies_a_person,
)
from register.identity.clean.mentions import (
    MENTION_SCHEMA,
    OLDEST_BIRTH_DATE,
    clean_mentions,
)
from register.identity.clean.name_forms import is_nickname, is_short_form, split_surname
from register.identity.clean.name_spellings import find_standard_spelling, respell
from register.identity.clean.name_tokens import (
    are_names_reordered,
    build_name_sets,
    build_name_subsets,
    encode_sound,
    is_name_within,
    split_given_names,
    strip_servant_prefix,
    tokenise_name,
)
from register.identity.clean.name_words import (
    expand_abbreviation,
    is_customary,
    is_particle_or_title,
)
from register.identity.clean.person_tables import (
    SOURCES,
    ColumnsMap,
    mentions_from_tables,
    parse_birth_date,
    read_columns_map,
    read_person_table,
    require_mapped_columns,
    shape_tables,
)
from register.identity.clean.persons import (
    COLLECTED_SCHEMA,
    CROWDED_HOLDERS,
    DEFAULT_DAYS,
    PersonsError,
    count_holders,
    hash_shaping_code,
    list_other_columns,
    persons_from_mentions,
    position_persons,
    shape_mentions,
    shape_persons,
)

__all__ = [
    "COLLECTED_SCHEMA",
    "CROWDED_HOLDERS",
    "DEFAULT_DAYS",
    "MENTION_SCHEMA",
    "OLDEST_BIRTH_DATE",
    "SOURCES",
    "ColumnsMap",
    "PersonsError",
    "are_names_reordered",
    "build_name_sets",
    "build_name_subsets",
    "clean_district",
    "clean_identifier",
    "clean_mentions",
    "clean_person_name",
    "clean_postcode",
    "compact_text",
    "count_holders",
    "encode_sound",
    "expand_abbreviation",
    "find_standard_spelling",
    "hash_shaping_code",
    "identifies_a_person",
    "is_customary",
    "is_name_within",
    "is_nickname",
    "is_particle_or_title",
    "is_short_form",
    "list_other_columns",
    "mentions_from_tables",
    "parse_birth_date",
    "persons_from_mentions",
    "position_persons",
    "read_columns_map",
    "read_person_table",
    "require_mapped_columns",
    "respell",
    "shape_mentions",
    "shape_persons",
    "shape_tables",
    "split_given_names",
    "split_surname",
    "strip_servant_prefix",
    "tokenise_name",
]
