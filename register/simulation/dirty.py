"""Bad deliveries, one of each kind, recorded with what must become of them."""

from __future__ import annotations

import pandas as pd

from register.simulation.deliveries import Inbox
from register.simulation.world.nation import Nation


def deliver_dirty(nation: Nation, inbox: Inbox) -> pd.DataFrame:
    """Put them into the inbox."""
    del nation, inbox
    return pd.DataFrame({"case": [], "rule_code": []})
