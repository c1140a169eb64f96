"""Keys: keyed pseudonyms for the identifiers of sources, and the crosswalk to children.

Which identifiers exist is decided in the warehouse; which mentions are one child, in `cluster`.
"""

from register.identity.keys.crosswalk import build_child_crosswalk
from register.identity.keys.pseudonyms import pseudonymise_keys

__all__ = ["build_child_crosswalk", "pseudonymise_keys"]
