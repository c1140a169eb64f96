"""What measuring imports is imported ahead, and is told by measuring where it cannot be."""

from __future__ import annotations

import sys

import pytest

from expectations import NotPublishedError, import_ahead, measure
from register.settings import Settings

JUDGE = "expectations.validate.judge"
SITE = "interfaces.quality_site"


@pytest.mark.parametrize("module", [JUDGE, SITE])
def test_what_measuring_needs_is_imported_ahead(
    monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    """Prevents a load whose last step waits for what the one before had time for."""
    monkeypatch.delitem(sys.modules, module, raising=False)
    import_ahead(SITE)
    assert module in sys.modules


def test_what_cannot_be_imported_stops_the_measuring_alone(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a load that publishes nothing because it could not have been measured."""
    with pytest.raises(NotPublishedError):
        measure(settings)
    monkeypatch.setitem(sys.modules, JUDGE, None)
    import_ahead()
    with pytest.raises(ImportError):
        measure(settings)
