"""Who looks after what the register makes, as Dagster shows it."""

from __future__ import annotations

DATA_TEAM = "team:national-register"
