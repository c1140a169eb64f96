"""Disclosure control: what a release may show, given all that is public already (D1 to D5).

`protect` is the door. Files and percentages do not belong here, and the attack on a finished
release is `suppression_attack`, which shares no code with this package.
"""

from register.statistics.protection.protection import Protected, protect
from register.statistics.protection.system import WrongTieError
from register.statistics.protection.ties import Tie, ties_of

__all__ = ["Protected", "Tie", "WrongTieError", "protect", "ties_of"]
