"""Disclosure control: which counts a release may show, given all that is public (rules D1 to D5).

Files and percentages are in `official_statistics`. The attack on a finished release is
`suppression_attack`, which shares no code with this package.
"""

from official_statistics.protection.constraint_system import WrongTieError
from official_statistics.protection.protection import Protected, protect

__all__ = ["Protected", "WrongTieError", "protect"]
