"""Keys: pseudonyms for the identifiers of sources, and the crosswalk from mentions to children.

The warehouse decides which identifiers exist; `cluster` decides which mentions are one child.
"""

from register.identity.keys.crosswalk import build_child_crosswalk
from register.identity.keys.pseudonyms import pseudonymise_keys

__all__ = ["build_child_crosswalk", "pseudonymise_keys"]
