"""Prepares a home: its folders, closed to others, and the files of decisions.

What goes into the folders belongs to the parts that own them.
"""

from __future__ import annotations

from register.access import close_home, keep_private
from register.decision_files import prepare_decisions
from register.settings import Settings, load_settings


def prepare_home(settings: Settings) -> None:
    """Create whatever a home lacks and close it to others; change nothing that is there.

    From then on this process writes nothing that others may read.
    """
    keep_private()
    for folder in (
        settings.inbox,
        settings.landing,
        settings.warehouse,
        settings.published,
        settings.quality,
        settings.outbox,
    ):
        folder.mkdir(parents=True, exist_ok=True)
    prepare_decisions(settings)
    close_home(settings)


if __name__ == "__main__":
    prepare_home(load_settings())
