"""Disclosure control: what a release may show, given all that is public already (D1 to D5).

`protect` is the door. Files and percentages do not belong here, and the attack on a finished
release is `suppression_attack`, which shares no code with this package.
"""

from official_statistics.protection.protection import Protected, protect
from official_statistics.protection.system import WrongTieError

__all__ = [
    "Protected",
    "WrongTieError",
    "protect",
]
