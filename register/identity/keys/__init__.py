"""Keys: keyed pseudonyms for the identifiers of sources.

Which identifiers exist is decided in the warehouse, where published keys are made from these.
"""

from register.identity.keys.pseudonyms import pseudonymise_keys

__all__ = ["pseudonymise_keys"]
