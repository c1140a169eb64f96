"""Customary names: names that identify neither the family nor the child.

Men of any family bear Singh, and women of any family bear Kaur, Begum, Bibi or Khatun. Many boys
have Mohammed before the name by which they are called. `coincidences` counts how common names are
in a register. The list in this module also works in a register that is too small for such counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# Customary names as clerks in England spell them, such as Singh, Kaur and Begum, and the title
# Syed.
BY_CUSTOM = re.compile(
    r"^(sing+h|kau+r|kour|beg[aou]+m|bibi|kh[ao]to*[aou]+n|khan[aou]+m|a[ck]h*t[ae]r|sultana|"
    r"m[dh]|mhd|mohd|muhd|m[aou]h?[aou]m+[aeiou][dt]|sa?y+[ei]?d)$"
)


def is_by_custom(token: str) -> bool:
    """Say whether a cleaned token of a name is a customary name."""
    return BY_CUSTOM.match(token) is not None


def share_custom_alone(one_names: Iterable[str], other_names: Iterable[str]) -> bool:
    """Say whether two sets of names (`forenames|surname`) have only customary names in common.

    Tokens are compared letter by letter, in either field: Harjit and Harjot are two names. The
    result is False if the sets have no name in common.
    """
    common = _list_tokens(one_names) & _list_tokens(other_names)
    return bool(common) and all(is_by_custom(token) for token in common)


def _list_tokens(names: Iterable[str]) -> set[str]:
    """Return all tokens of at least two letters in the names."""
    return {
        token for name in names for token in name.replace("|", " ").split(" ") if len(token) > 1
    }
