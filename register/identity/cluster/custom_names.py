"""Names by custom: names that indicate neither a family nor a child.

Singh and Kaur are borne by men and by women, Begum, Bibi and Khatun by women of any family, and a
first Mohammed beside the name that a boy is called by. How common they are is counted in
`coincidences`; this list also serves a register that has few of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# Spellings as clerks of this country write them; a title that is written as a name is one of them.
BY_CUSTOM = re.compile(
    r"^(sing+h|kau+r|kour|beg[aou]+m|bibi|kh[ao]to*[aou]+n|khan[aou]+m|a[ck]h*t[ae]r|sultana|"
    r"m[dh]|mhd|mohd|muhd|m[aou]h?[aou]m+[aeiou][dt]|sa?y+[ei]?d)$"
)


def is_by_custom(token: str) -> bool:
    """Say whether one cleaned token of a name is borne by custom."""
    return BY_CUSTOM.match(token) is not None


def share_custom_alone(one_names: Iterable[str], other_names: Iterable[str]) -> bool:
    """Say whether all that names (`forenames|surname`) have in common are names by custom.

    Tokens are compared as they are spelt, in whatever field: Harjit and Harjot are two names. False
    if they have no name in common.
    """
    common = _list_tokens(one_names) & _list_tokens(other_names)
    return bool(common) and all(is_by_custom(token) for token in common)


def _list_tokens(names: Iterable[str]) -> set[str]:
    """Return the tokens of two letters or more."""
    return {
        token for name in names for token in name.replace("|", " ").split(" ") if len(token) > 1
    }
