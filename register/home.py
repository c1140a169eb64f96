"""Preparation of a home: its folders, their permissions, and the decision files.

The package that owns a folder writes its content.
"""

from __future__ import annotations

from register.access import close_home, keep_private
from register.decision_files import prepare_decisions
from register.settings import Settings, load_settings


def prepare_home(settings: Settings) -> None:
    """Create the missing folders and decision files of a home, and close the home to other users.

    Existing content stays unchanged. Files that this process writes later are private too.
    """
    keep_private()
    for folder in (
        # The operator makes a folder outside the home, or mounts it.
        *(() if settings.inbox_settings.place else (settings.inbox,)),
        settings.landing,
        settings.warehouse,
        settings.published,
        settings.quality,
        settings.outbox,
        settings.access_record,
    ):
        folder.mkdir(parents=True, exist_ok=True)
    prepare_decisions(settings)
    close_home(settings)


if __name__ == "__main__":
    prepare_home(load_settings())
