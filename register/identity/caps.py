"""Caps of the register's model: what no weight may link without a person having looked.

Fellegi and Sunter's sum takes fields for independent. Families break that, and so do refugees who
share a default date of birth: these are the patterns in which the sum is not to be believed.
"""

from __future__ import annotations

from register.identity.model import Cap

SHARED_IDENTIFIER = {
    "identifier": [
        "shared_nhs_number",
        "shared_upn",
        "shared_home_office_reference",
        "shared_police_reference",
    ]
}
UNLIKE_FORENAMES = Cap(
    name="unlike_forenames",
    reason="Twins and siblings share surname, address and even date of birth.",
    when={"forename": ["differs", "not_known"]},
    unless=SHARED_IDENTIFIER,
)
UNLIKE_BIRTH_DATES = Cap(
    name="unlike_birth_dates",
    reason="Siblings and cousins are given like names: dates of birth that differ in most parts"
    " need more than names and an address.",
    when={"birth_date": ["differs", "two_parts_equal"]},
    unless=SHARED_IDENTIFIER,
)
DEFAULT_DATE_ELSEWHERE = Cap(
    name="default_date_elsewhere",
    reason="Names that are common among refugees meet on a default date of birth by chance.",
    when={
        "birth_date": ["default_day", "default_against_day"],
        "postcode": ["differs", "not_known", "shares_district"],
    },
    unless=SHARED_IDENTIFIER,
)
REGISTER_CAPS = (UNLIKE_FORENAMES, UNLIKE_BIRTH_DATES, DEFAULT_DATE_ELSEWHERE)
