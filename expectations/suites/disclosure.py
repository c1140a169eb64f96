"""Disclosure: is the published file free of what names a person.

It is pseudonymous and widely read. Columns are judged by their names, and the values of every text
column by what they look like; results count values and never contain one.
"""

from __future__ import annotations

from expectations.suites.specs import (
    Rows,
    SuiteSpec,
    TextMeasure,
    TotalMeasure,
    suite_of,
)

SUITE_NAME = "disclosure"
COLUMNS = Rows(
    "register, agreement, quality, bi",
    "table_schema in ('register', 'agreement', 'quality', 'bi')",
    relation="information_schema.columns",
)
# Parts of column names that would identify a child. A birth year is published, a birth date not.
PERSONAL = (
    "forename|surname|alias|birth_date$|date_of_birth|postcode|person_ref|report_ref|address"
    "|(^|_)(dob|upn|nhs|urn)($|_)"
)
# A row for what is not known has no key to protect.
PSEUDONYM = "^([A-Z][0-9A-F]{24}|unknown)$"
# Keys of our own lists are codes with the day from which they are valid.
TEXT = "data_type = 'VARCHAR' and not regexp_matches(column_name, '_(register|version_id)$')"
# Keys of cells contain the month counted, evidence the day from which recording changed, and the
# version of a model the day on which it was trained.
DATED = "_id$|^reason_evidence$|^model_version$"
UNDATED = f"{TEXT} and not regexp_matches(column_name, '{DATED}')"
# What a value may not look like: short name, words, pattern, columns. Words end at what is
# neither a letter, a digit nor "_", so that delivery ids and hashes do not match.
LOOKS = (
    ("nhs_numbers", "an NHS number", r"\b[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}\b", TEXT),
    ("postcodes", "a postcode", r"(?i)\b[a-z]{1,2}[0-9][a-z0-9]? ?[0-9][a-z]{2}\b", TEXT),
    (
        "birth_dates",
        "a date of birth",
        r"\b((19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}/[0-9]{1,2}/(19|20)?[0-9]{2})\b",
        UNDATED,
    ),
)
_expect = suite_of(SUITE_NAME)

SUITE = SuiteSpec(
    name=SUITE_NAME,
    title="Disclosure by the published file",
    introduction=(
        "Whether the file that BI tools read is free of what would name a child. The names of its "
        "columns are checked, the form of the values in text columns, and its pseudonyms."
    ),
    expectations=(
        _expect(
            "no_personal_columns",
            "No column of the published file names a person, a birth date or a postcode.",
            COLUMNS.where(f"regexp_matches(lower(column_name), '{PERSONAL}')"),
            TotalMeasure("count(*)"),
        ),
        *(
            _expect(
                f"no_{name}",
                f"No text of the published file looks like {words}.",
                COLUMNS,
                TextMeasure(pattern, columns, f"what looks like {words}"),
            )
            for name, words, pattern, columns in LOOKS
        ),
        _expect(
            "pseudonyms",
            "Every pseudonym is a letter and 24 hexadecimal digits, which say nothing.",
            COLUMNS,
            TextMeasure(
                PSEUDONYM,
                "data_type = 'VARCHAR' and ends_with(column_name, '_register')",
                "well-formed pseudonyms",
                is_match_good=True,
            ),
        ),
    ),
)
